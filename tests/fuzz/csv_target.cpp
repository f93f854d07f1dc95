// CSV and TSV: what read_twice() checks, and that good rows, written again with all their fields
// quoted, or escaped, are the same rows.
#include <algorithm>
#include <iterator>
#include <utility>

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

std::string escaped(std::string_view text) {
    constexpr std::pair<char, char> k_letters[] = {
        {'\t', 't'}, {'\n', 'n'}, {'\r', 'r'}, {'\0', '0'}, {'\\', '\\'}};
    std::string result;
    for (const char c : text) {
        const auto* found = std::find_if(std::begin(k_letters), std::end(k_letters),
                                         [c](const auto& pair) { return pair.first == c; });
        if (found == std::end(k_letters)) {
            result += c;
        } else {
            result.append(1, '\\').append(1, found->second);
        }
    }
    return result;
}

class Rewriter {
public:
    explicit Rewriter(bool tsv) : m_tsv(tsv), m_text(tsv ? "sep=\t\n" : "sep=,\r\n") {}

    void add(const Record& record) {
        if (m_rows.empty()) {
            for (std::size_t i = 0; i < record.size(); ++i) {
                add_field(i, record.name(i));
            }
            end_row();
        }
        for (std::size_t i = 0; i < record.size(); ++i) {
            const Value& value = record.value(i);
            if (value.kind == ValueKind::null) {
                m_text.append(i == 0 ? "" : m_tsv ? "\t" : ",").append(m_tsv ? "\\N" : "");
            } else {
                add_field(i, value.text);
            }
        }
        end_row();
        const std::string row = describe(record);
        m_rows += row.substr(row.find(':'));
    }
    [[nodiscard]] const std::string& rows() const { return m_rows; }
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    void add_field(std::size_t index, std::string_view text) {
        m_text.append(index == 0 ? "" : m_tsv ? "\t" : ",");
        m_text.append(m_tsv ? escaped(text) : quoted(text));
    }
    void end_row() { m_text += m_tsv ? "\n" : "\r\n"; }

    bool m_tsv;
    std::string m_rows;
    std::string m_text;
};

}  // namespace

void fuzz_csv(std::string_view input) {
    for (const DumpFormat format : {DumpFormat::csv, DumpFormat::tsv}) {
        const bool tsv = format == DumpFormat::tsv;
        Rewriter good(tsv);
        read_twice(input, {.format = format},
                   [&](const RecordReader& reader) { good.add(reader.record()); });
        if (good.rows().empty()) {
            continue;
        }
        ReaderOptions options{.format = format};
        options.sql.escapes = SqlEscapes::backslash;
        if (tsv) {
            options.csv.null_text = "\\N";  // else an empty field is null where there is no other
        }
        Rewriter again(tsv);
        const FuzzReading reading =
            read_checked(good.text(), options, k_one_read,
                         [&](const RecordReader& reader) { again.add(reader.record()); });
        if (reading.error.starts_with("cannot read in: it is a tar archive")) {
            continue;  // which the input brought with it, to where it counts
        }
        expect_same("", reading.error, "rows written again are read to their end");
        expect_same(good.rows(), again.rows(), "rows written again are the same rows");
        expect(reading.bad_rows == 0, "rows written again are good rows");
    }
}

}  // namespace cachectl
