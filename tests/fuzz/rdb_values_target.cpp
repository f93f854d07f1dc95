// Values of RDB files, also hostile ones, as the commands that build them up: within the file, and
// no larger than a slice may be.
#include <fmt/format.h>
#include <sys/stat.h>

#include <string>

#include "change/usable_keys.hpp"
#include "fuzz/feeding.hpp"
#include "fuzz/target.hpp"
#include "rdb/backup_file.hpp"
#include "restore/value_slices.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

void read_slices(const RdbFile& file, const RdbKey& key) {
    if (!ValueSlices::are_possible(key.type)) {
        return;
    }
    try {
        ValueSlices slices(file, key);
        std::size_t words = 0;
        while (const auto slice = slices.next()) {
            expect(!slice->verb.empty() && !slice->words.empty(), "a slice has something");
            expect(slice->words.size() <= ValueSlices::k_most_words + 1, "and not too much");
            words += slice->words.size();
            expect(words <= 3 * file.size(), "elements are in the file");
        }
    } catch (const RdbFault& fault) {
        expect(!fault.reason.empty(), "a fault has a reason");
    }
}

}  // namespace

void fuzz_rdb_values(std::string_view input) {
    const int fd = fuzz_file(input);
    ::fchmod(fd, 0600);
    const RdbFile file(fmt::format("/proc/self/fd/{}", fd));
    // What its sums do not vouch for is no use to anybody, but has to be read safely too.
    RdbCheck check;
    try {
        check = check_rdb(file);
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input, "a file that is none is told as such");
    }
    check.usable_bytes = file.size();
    try {
        const UsableKeys keys(file, check, Repeated::maybe);
        keys.each([&](const RdbKey& key) {
            read_slices(file, key);
            return true;
        });
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input, "so is one that cannot be read on");
    }
}

}  // namespace cachectl
