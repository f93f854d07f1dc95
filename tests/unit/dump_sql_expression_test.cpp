#include "dump/sql/expression.hpp"

#include <doctest/doctest.h>

#include "dump/sql/escapes.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string value(std::string_view text, SqlDialect dialect = SqlDialect::sqlite) {
    constexpr const char* k_kinds[] = {"null",  "boolean", "number", "text",
                                       "bytes", "bits",    "default"};
    const SqlRules& rules = rules_of(dialect);
    const auto result = evaluate_sql(text, rules, rules.backslash_escapes, false);
    return result ? k_kinds[static_cast<int>(result->kind)] +
                        (result->text.empty() ? "" : " " + result->text)
                  : "nothing";
}

}  // namespace

TEST_CASE("sqlite3's line breaks: replace() and char()") {
    CHECK(value("replace(replace('it''s\\nline2\\rx','\\r',char(13)),'\\n',char(10))") ==
          "text it's\nline2\rx");
    CHECK(value("replace('lit \\n backslash\\012','\\012',char(10))") ==
          "text lit \\n backslash\n");
    CHECK(value("REPLACE ( 'aaa' , 'a' , 'aa' )") == "text aaaaaa");
    CHECK(value("replace('a','','b')") == "text a");
    CHECK(value("char(72,233,128512)") == "text H\xC3\xA9\xF0\x9F\x98\x80");
}

TEST_CASE("replacements within each other do not grow beyond measure") {
    std::string nested = "'a'";
    for (int i = 0; i < 8; ++i) {
        nested = "replace(" + nested + ",'a','aaaaaaaaaa')";
    }
    const bool refused = value(nested) == "nothing";  // and is not 100 MB long
    CHECK(refused);
    const std::string lines(100'000, 'n');
    const bool replaced = value("replace('" + lines + "','n',char(10))").ends_with("\n\n");
    CHECK(replaced);
}

TEST_CASE("sqlite3's unistr()") {
    CHECK(value("unistr('a\\u000ab\\\\c\\0041\\+01F600\\U0001F600')") ==
          "text a\nb\\cA\xF0\x9F\x98\x80\xF0\x9F\x98\x80");
    CHECK(value("unistr('\\u00')") == "nothing");
    CHECK(value("unistr('\\x')") == "nothing");
    std::string out;
    CHECK(append_unistr("\\uD83D\\uDE00", out));
    CHECK(out == "\xF0\x9F\x98\x80");
    CHECK_FALSE(append_unistr("\\uD83D", out));
    CHECK_FALSE(append_unistr("\\uD83Dx", out));
}

TEST_CASE("literals, signs and parentheses") {
    CHECK(value("NULL") == "null");
    CHECK(value("(('a'))") == "text a");
    CHECK(value("- 5") == "number -5");
    CHECK(value("+ .5") == "number .5");
    CHECK(value("- -5") == "nothing");
    CHECK(value("X'4a4B'") == "bytes JK");
    CHECK(value("X'4a4'") == "nothing");
    CHECK(value("0xABC", SqlDialect::mysql) == "bytes \x0A\xBC");
}

TEST_CASE("MySQL's introducers and casts") {
    CHECK(value("_binary 'a\\'b'", SqlDialect::mysql) == "text a'b");
    CHECK(value("_utf8mb4'\xC3\xA9'", SqlDialect::mysql) == "text \xC3\xA9");
    CHECK(value("_binary 0x4142", SqlDialect::mysql) == "bytes AB");
    CHECK(value("CAST('{\"a\":1}' AS JSON)", SqlDialect::mysql) == "text {\"a\":1}");
    CHECK(value("cast(_utf8mb4'[]' as json)", SqlDialect::mysql) == "text []");
    CHECK(value("CAST('a' AS CHAR(1))", SqlDialect::mysql) == "text a");
}

TEST_CASE("SQL Server's strings and casts") {
    CHECK(value("CAST(N'2020-01-01T00:00:00.000' AS DateTime)", SqlDialect::generic) ==
          "text 2020-01-01T00:00:00.000");
    CHECK(value("CAST(12.50 AS Decimal(10, 2))", SqlDialect::generic) == "number 12.50");
    CHECK(value("CAST(0x0000A AS DateTime)", SqlDialect::generic) == "nothing");
}

TEST_CASE("anything else has no value") {
    for (const char* text : {"NOW()", "CONCAT('a','b')", "'a' || 'b'", "1 + 2", "a", "f(", "(1",
                             "replace('a','b')", "replace(1,2,3)", "char('a')", "char(55296)", "1)",
                             "", "-", "'a", "CURRENT_TIMESTAMP", "unistr(1)"}) {
        CAPTURE(text);
        CHECK(value(text) == "nothing");
        CHECK(value(text, SqlDialect::mysql) == "nothing");
        CHECK(value(text, SqlDialect::postgres) == "nothing");
    }
    for (const SqlDialect dialect : {SqlDialect::sqlite, SqlDialect::mysql}) {
        CHECK(value("ARRAY['a']", dialect) == "nothing");
        CHECK(value("'a'::text", dialect) == "nothing");
        CHECK((dialect == SqlDialect::mysql || value("'a' 'b'", dialect) == "nothing"));
    }
    CHECK(value("replace('a','b','c')", SqlDialect::mysql) == "nothing");
    CHECK(value("\"a\"", SqlDialect::mysql) == "text a");
    CHECK(value("\"a\"") == "nothing");
}

TEST_CASE("parentheses nest, but not without end") {
    CHECK(value(std::string(60, '(') + "1" + std::string(60, ')')) == "number 1");
    CHECK(value(std::string(100000, '(') + "1" + std::string(100000, ')')) == "nothing");
}
