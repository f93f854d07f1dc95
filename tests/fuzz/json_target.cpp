// JSON in all its framings: what read_twice() checks; that a record's JSON is passed on unchanged;
// and that of NDJSON no line is refused which is an object.
#include <fmt/format.h>

#include <algorithm>

#include "fuzz/json_check.hpp"
#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "support/dump_input.hpp"

namespace cachectl {

namespace {

/// The records without their lines.
class Contents {
public:
    void add(const Record& record) {
        const std::string row = describe(record);
        m_rows += row.substr(row.find(':'));
        m_ndjson += record.json();
        m_ndjson += '\n';
    }
    [[nodiscard]] const std::string& rows() const { return m_rows; }
    [[nodiscard]] const std::string& ndjson() const { return m_ndjson; }

private:
    std::string m_rows;
    std::string m_ndjson;
};

/// So plain that nothing but two members of one name can be wrong with it.
bool is_plain_object(std::string_view line) {
    const auto brackets =
        std::count_if(line.begin(), line.end(), [](char c) { return c == '[' || c == '{'; });
    return line.starts_with('{') && brackets < 1000 && is_minified_json(line) &&
           line.find("\\u") == std::string_view::npos &&
           std::none_of(line.begin(), line.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void check_no_object_refused(std::string_view input, const FuzzReading& reading) {
    std::string_view rest = input;
    for (int number = 1; !rest.empty(); ++number) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (!is_plain_object(line)) {
            continue;
        }
        const std::size_t at = ("\n" + reading.rows).find(fmt::format("\n{}:", number));
        expect(at != std::string::npos, fmt::format("line {} is delivered", number));
        const std::string_view row = std::string_view(reading.rows).substr(at);
        const std::string bad = fmt::format("{}: BAD ", number);
        expect(!row.starts_with(bad) || row.substr(bad.size()).starts_with("two members"),
               fmt::format("line {} is an object", number));
    }
}

}  // namespace

void fuzz_json(std::string_view input) {
    ReaderOptions options;
    options.lone_object = input.size() % 2 == 0 ? LoneObject::entries : LoneObject::record;
    const std::size_t begin = input.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || (input[begin] != '{' && input[begin] != '[')) {
        options.format = DumpFormat::ndjson;
    }
    Contents contents;
    const FuzzReading reading = read_twice(input, options, [&](const RecordReader& reader) {
        if (reader.shape() == RecordShape::row) {
            contents.add(reader.record());
        }
    });
    if (reading.format == "NDJSON" && reading.error.empty()) {
        check_no_object_refused(input, reading);
    }
    if (!contents.rows().empty()) {
        Contents again;
        read_checked(contents.ndjson(), {.format = DumpFormat::ndjson}, k_one_read,
                     [&](const RecordReader& reader) { again.add(reader.record()); });
        expect_same(contents.rows(), again.rows(), "records are the same when read again");
        expect_same(contents.ndjson(), again.ndjson(), "their JSON stays what it is");
    }
}

}  // namespace cachectl
