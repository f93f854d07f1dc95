// RDB files, also hostile ones: where keys and values stand lies within the file, and small reads
// find the same.
#include <string>

#include "fuzz/feeding.hpp"
#include "fuzz/target.hpp"
#include "rdb/reader.hpp"

namespace cachectl {

namespace {

std::string read(std::string_view input, std::size_t window_bytes) {
    std::string found;
    const int fd = fuzz_file(input);
    try {
        RdbReader reader(fd, input.size(), window_bytes);
        std::uint64_t behind = 0;
        for (RdbItem item = reader.next(); item != RdbItem::end; item = reader.next()) {
            if (item == RdbItem::aux) {
                found += reader.aux().name + '=' + reader.aux().value + '\n' +
                         reader.aux().digest_before + '\n';
                continue;
            }
            const RdbKey& key = reader.key();
            expect(key.value_offset >= behind, "values do not overlap");
            behind = key.value_offset + key.value_bytes;
            expect(behind == reader.offset() && behind <= input.size(), "a value is in the file");
            expect(!type_name(key.type).empty(), "its type is known");
            found += key.name + ' ' + std::to_string(behind) + '\n';
        }
        found += "sum " + std::to_string(static_cast<int>(reader.sum()));
    } catch (const RdbFault& fault) {
        expect(fault.offset <= input.size(), "the place of a fault is in the file");
        expect(!fault.reason.empty(), "a fault has a reason");
        found += fault.reason;
    }
    return found;
}

}  // namespace

void fuzz_rdb(std::string_view input) {
    expect_same(read(input, k_one_read), read(input, small_window(input)),
                "small reads make no difference");
}

}  // namespace cachectl
