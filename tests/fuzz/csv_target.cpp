// CSV and TSV: what read_twice() checks, and that good rows, written with all their fields quoted,
// are the same rows.
#include <fmt/format.h>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "support/dump_input.hpp"

namespace cachectl {

namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        result.append(c == '"' ? 2 : 1, c);
    }
    return result + '"';
}

class Rewriter {
public:
    explicit Rewriter(char delimiter) : m_delimiter(delimiter) {}

    void add(const Record& record) {
        if (m_csv.empty()) {
            for (std::size_t i = 0; i < record.size(); ++i) {
                m_csv.append(i == 0 ? 0 : 1, m_delimiter);
                m_csv += quoted(record.name(i));
            }
            m_csv += "\r\n";
        }
        for (std::size_t i = 0; i < record.size(); ++i) {
            m_csv.append(i == 0 ? 0 : 1, m_delimiter);
            const Value& value = record.value(i);
            m_csv += value.kind == ValueKind::null ? "" : quoted(value.text);
        }
        m_csv += "\r\n";
        const std::string row = describe(record);
        m_rows += row.substr(row.find(':'));
    }
    [[nodiscard]] const std::string& rows() const { return m_rows; }
    [[nodiscard]] const std::string& csv() const { return m_csv; }

private:
    char m_delimiter;
    std::string m_rows;
    std::string m_csv;
};

}  // namespace

void fuzz_csv(std::string_view input) {
    for (const auto& [format, delimiter] :
         {std::pair(DumpFormat::csv, ','), std::pair(DumpFormat::tsv, '\t')}) {
        Rewriter good(delimiter);
        read_twice(input, {.format = format},
                   [&](const RecordReader& reader) { good.add(reader.record()); });
        if (good.rows().empty()) {
            continue;
        }
        Rewriter again(delimiter);
        const FuzzReading reading =
            read_checked(good.csv(), {.format = format}, k_one_read,
                         [&](const RecordReader& reader) { again.add(reader.record()); });
        if (reading.error.starts_with("cannot read in: it is a tar archive")) {
            continue;  // which the input brought with it, to where it counts
        }
        expect_same("", reading.error, "quoted rows are read to their end");
        expect_same(good.rows(), again.rows(), "quoted rows are the same rows");
        expect(reading.bad_rows == 0, "quoted rows are good rows");
    }
}

}  // namespace cachectl
