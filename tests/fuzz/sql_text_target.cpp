// Any bytes, written as each database writes them in a dump, come out as they went in.
#include <fmt/format.h>

#include <string>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

namespace {

/// Nothing of the input comes where the mark of a tar archive would be.
const std::string k_head = "-- " + std::string(270, '-') + "\n";

std::string doubled(std::string_view bytes, char quote) {
    std::string text;
    for (const char c : bytes) {
        text.append(c == quote ? 2 : 1, c);
    }
    return text;
}

/// As mysql_real_escape_string() does.
std::string mysql_escaped(std::string_view bytes) {
    constexpr std::string_view k_special("\0\n\r\\'\"\x1a", 7);
    constexpr std::string_view k_letters = "0nr\\'\"Z";
    std::string text;
    for (const char c : bytes) {
        const std::size_t at = k_special.find(c);
        text +=
            at == std::string_view::npos ? std::string(1, c) : std::string("\\") + k_letters[at];
    }
    return text;
}

std::string copy_escaped(std::string_view bytes) {
    constexpr std::string_view k_special = "\b\f\n\r\t\v\\";
    constexpr std::string_view k_letters = "bfnrtv\\";
    std::string text;
    for (const char c : bytes) {
        const std::size_t at = k_special.find(c);
        text +=
            at == std::string_view::npos ? std::string(1, c) : std::string("\\") + k_letters[at];
    }
    return text;
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

void check(std::string_view bytes, const std::string& dump, SqlDialect dialect) {
    ReaderOptions options{.format = DumpFormat::sql};
    options.sql.dialect = dialect;
    options.sql.binary = BinaryAs::raw;
    const auto see = [&](const RecordReader& reader) {
        const Record& record = reader.record();
        expect(record.size() == 2 && record.value(1).text == "7", "nothing is shifted");
        expect_same(bytes, record.value(0).text, "the bytes come out as they went in");
    };
    const FuzzReading reading = read_twice(dump, options, see);
    expect_same("", reading.error, "the dump is read to its end");
    expect(reading.records == 1 && reading.bad_rows == 0, "one row is one row: " + reading.rows);
}

}  // namespace

void fuzz_sql_text(std::string_view input) {
    input = input.substr(0, 400);  // each is read some twenty times over
    const auto insert = [](std::string_view type, const std::string& value) {
        return fmt::format("{}CREATE TABLE t (a {}, n int);\nINSERT INTO t VALUES ({},7);\n",
                           k_head, type, value);
    };
    const std::string plain = "'" + doubled(input, '\'') + "'";
    check(input, insert("text", plain), SqlDialect::postgres);
    check(input, insert("text", plain), SqlDialect::sqlite);
    check(input, insert("text", plain), SqlDialect::generic);
    check(input, insert("text", "'" + mysql_escaped(input) + "'"), SqlDialect::mysql);
    check(input, insert("blob", "X'" + hex(input) + "'"), SqlDialect::sqlite);
    check(input, insert("bytea", "'\\x" + hex(input) + "'"), SqlDialect::postgres);
    if (!input.empty()) {
        check(input, insert("blob", "0x" + hex(input)), SqlDialect::mysql);
    }
    check(input,
          fmt::format("{}CREATE TABLE t (a text, n int);\nCOPY t FROM stdin;\n{}\t7\n\\.\n", k_head,
                      copy_escaped(input)),
          SqlDialect::postgres);
    if (input.find("$q$") == std::string_view::npos && !input.ends_with("$q") &&
        !input.ends_with('$')) {
        check(input, insert("text", fmt::format("$q${}$q$", input)), SqlDialect::postgres);
    }
}

}  // namespace cachectl
