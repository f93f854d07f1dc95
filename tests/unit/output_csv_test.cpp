#include "output/csv.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

#include "support/terminal_output.hpp"

using namespace cachectl;
using namespace std::string_view_literals;

namespace {
std::string csv(std::initializer_list<std::initializer_list<std::string_view>> rows) {
    std::string text;
    Writer out(text);
    CsvWriter writer(out);
    for (const auto& row : rows) {
        for (const std::string_view field : row) {
            writer.field(field);
        }
        writer.end_row();
    }
    return text;
}
}  // namespace

TEST_CASE("CSV rows end with CRLF") {
    CHECK(csv({{"key", "ttl_ms"}, {"user:1", "5000"}}) == "key,ttl_ms\r\nuser:1,5000\r\n");
}

TEST_CASE("CSV fields are quoted only where they must be") {
    CHECK(csv({{"a,b"}}) == "\"a,b\"\r\n");
    CHECK(csv({{"say \"hi\""}}) == "\"say \"\"hi\"\"\"\r\n");
    CHECK(csv({{"\"", "\"\""}}) == "\"\"\"\",\"\"\"\"\"\"\r\n");
    CHECK(csv({{"two\nlines", "cr\rlf\r\n"}}) == "\"two\nlines\",\"cr\rlf\r\n\"\r\n");
    CHECK(csv({{" spaces ", "tab\t", "'"}}) == " spaces ,tab\t,'\r\n");
}

TEST_CASE("CSV keeps raw bytes") {
    CHECK(csv({{"\x1b[2J", "\xff\xfe", "nul\0nul"sv, "漢字"}}) ==
          "\x1b[2J,\xff\xfe,nul\0nul,漢字\r\n"sv);
}

TEST_CASE("empty CSV fields keep their place, and a lone one is not an empty line") {
    CHECK(csv({{"a", "", "c"}}) == "a,,c\r\n");
    CHECK(csv({{"", "b"}}) == ",b\r\n");
    CHECK(csv({{"", ""}}) == ",\r\n");
    CHECK(csv({{""}, {"x"}}) == "\"\"\r\nx\r\n");
    CHECK(csv({{"x"}, {""}}) == "x\r\n\"\"\r\n");
}

TEST_CASE("on a terminal a CSV field cannot send escape sequences") {
    const std::string screen = test::on_terminal([](Writer& out) {
        CsvWriter writer(out);
        writer.field("\x1b[2J\xc2\x9b\xe2\x80\xae,");
        writer.end_row();
    });
    CHECK(screen == "\"\\x1b[2J\\xc2\\x9b\\xe2\\x80\\xae,\"\r\r\n");
}

TEST_CASE("cells that a spreadsheet would run are guarded on request") {
    const auto cells = [] {
        return csv({{"=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx"},
                    {"-5", "+7", "-1.5e3", "a=b", "", "-"}});
    };
    CHECK(cells().starts_with("=cmd|"));
    set_csv_formulas(Formulas::guarded);
    CHECK(cells() ==
          "'=cmd|' /C calc'!A0,'+1+cmd,'-2+3,'@SUM(A1),'\tx,\"'\rx\"\r\n"
          "-5,+7,-1.5e3,a=b,,'-\r\n");
    set_csv_formulas(Formulas::kept);
}
