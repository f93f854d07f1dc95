#include "warm/rows/where.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

bool matches(std::string_view condition, ValueKind kind, std::string_view text) {
    Record row;
    row.begin(1);
    row.add("a", kind, text);
    row.add("odd name", ValueKind::text, "x");
    const auto result = Where::parse(condition).matches(row);
    CHECK(result);
    return *result;
}

bool number(std::string_view condition, std::string_view text) {
    return matches(condition, ValueKind::number, text);
}
bool text(std::string_view condition, std::string_view value) {
    return matches(condition, ValueKind::text, value);
}

std::string error(std::string_view condition) {
    try {
        Where::parse(condition);
        return "none";
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

}  // namespace

TEST_CASE("numbers are compared as numbers, exactly") {
    CHECK(number("a = 10", "10.00"));
    CHECK(number("a=1e1", "10"));
    CHECK(number("a >= 9.5", "10"));
    CHECK(number("a > -3", "-2.5"));
    CHECK(number("a < 9007199254740993", "9007199254740992"));
    CHECK_FALSE(number("a = 9007199254740993", "9007199254740992"));
    CHECK(number("a != 1", "2"));
    CHECK(number("a <> 1", "2"));
    CHECK_FALSE(number("a <= 1", "1.0000000000000000000000000001"));
    CHECK(number("a = '10'", "10.0"));
    CHECK(number("a = 'x'", "10") == false);
}

TEST_CASE("the order of numbers") {
    CHECK(compare_numbers("0", "-0.0") == 0);
    CHECK(compare_numbers("0.001", "1e-3") == 0);
    CHECK(compare_numbers("1200", "1.2E+3") == 0);
    CHECK(compare_numbers("-1", "0") < 0);
    CHECK(compare_numbers("-2", "-10") > 0);
    CHECK(compare_numbers("1e400", "1e399") > 0);
    CHECK(compare_numbers("0.1", "0") > 0);
    CHECK(compare_numbers("0", "0.1") < 0);
    CHECK(compare_numbers("99", "100") < 0);
    CHECK(compare_numbers("1e99999999999999999999", "1e5") > 0);
    CHECK(compare_numbers("1e-99999999999999999999", "1e5") < 0);
}

TEST_CASE("text is compared byte by byte, and as a number only with one") {
    CHECK(text("a = 'it''s'", "it's"));
    CHECK(text("a < 'b'", "abc"));
    CHECK(text("a > '10'", "9"));
    CHECK(text("a > 10", "11"));
    CHECK_FALSE(text("a > 10", "9"));
    CHECK_FALSE(text("a != 10", "x"));
    CHECK(text("a != ''", "x"));
    CHECK(text("a = '\xFF'", "\xFF"));
}

TEST_CASE("booleans") {
    CHECK(matches("a = true", ValueKind::boolean, "true"));
    CHECK(matches("a != TRUE", ValueKind::boolean, "false"));
    CHECK_FALSE(matches("a = false", ValueKind::boolean, "true"));
    CHECK(number("a = true", "1"));
    CHECK(text("a = false", "f"));
    for (const char* word : {"true", "True", "TRUE", "t", "T", "yes", "y", "on", "1"}) {
        CAPTURE(word);
        CHECK(text("a = true", word));
        CHECK_FALSE(text("a = false", word));
        CHECK(text("a != false", word));
    }
    for (const char* word : {"false", "False", "f", "no", "N", "off", "0"}) {
        CAPTURE(word);
        CHECK(text("a = false", word));
        CHECK_FALSE(text("a != false", word));
    }
    CHECK_FALSE(text("a = true", "maybe"));
    CHECK_FALSE(text("a != true", "maybe"));
    CHECK(matches("a = 1", ValueKind::boolean, "true"));
    CHECK(matches("a < 1", ValueKind::boolean, "false"));
    CHECK_FALSE(matches("a = 1", ValueKind::boolean, "false"));
}

TEST_CASE("a number in a text is compared as one, however it is written") {
    for (const char* ten : {"10", "010", "+10", "10.", "10.0", " 10 ", "1e1", "1E+1", "0.1e2"}) {
        CAPTURE(ten);
        CHECK(text("a = 10", ten));
        CHECK(text("a > 9.99", ten));
        CHECK_FALSE(text("a != 10", ten));
    }
    CHECK(text("a = 0.5", ".5"));
    CHECK(text("a = -0.5", "-.5"));
    CHECK(text("a < 0", "-007"));
    for (const char* none :
         {"", " ", "+", "-", ".", "e1", "1e", "1 0", "1,5", "0x10", "+-1", "nano", "in", "-NaN"}) {
        CAPTURE(none);
        CHECK_FALSE(text("a = 10", none));
        CHECK_FALSE(text("a != 10", none));
        CHECK_FALSE(text("a < 10", none));
    }
}

TEST_CASE(
    "infinity and NaN are compared as PostgreSQL does: NaN is the greatest, equal to itself") {
    const char* const rising[] = {"-Infinity", "-1e400", "0", "1e400", "Infinity", "NaN"};
    for (std::size_t i = 0; i < std::size(rising); ++i) {
        for (std::size_t j = 0; j < std::size(rising); ++j) {
            CAPTURE(rising[i]);
            CAPTURE(rising[j]);
            const int order = compare_numbers(rising[i], rising[j]);
            CHECK((order < 0) == (i < j));
            CHECK((order > 0) == (i > j));
        }
    }
    for (const char* more : {"Infinity", "NaN", "inf", "+infinity", " nan "}) {
        CAPTURE(more);
        CHECK(text("a >= 0", more));
        CHECK(text("a != 0", more));
        CHECK_FALSE(text("a < 1e300", more));
    }
    CHECK(text("a < 0", "-Infinity"));
    CHECK(text("a <= -1e300", "-inf"));
    CHECK_FALSE(text("a >= 0", "-Infinity"));
    CHECK(number("a > '-Infinity'", "-5"));
    CHECK(number("a < 'NaN'", "5"));
    CHECK(text("a = 'NaN'", "NaN"));
}

TEST_CASE("null matches nothing but 'is null'") {
    CHECK(matches("a is null", ValueKind::null, {}));
    CHECK_FALSE(matches("a IS NOT NULL", ValueKind::null, {}));
    CHECK(text("a is not null", ""));
    for (const char* condition :
         {"a = 1", "a != 1", "a = ''", "a != 'x'", "a = true", "a != true"}) {
        CAPTURE(condition);
        CHECK_FALSE(matches(condition, ValueKind::null, {}));
    }
}

TEST_CASE("conditions joined, and names in quotes") {
    CHECK(number(" a>=1 and a<=3\nAND \"odd name\" = 'x' and `odd name` is not null ", "2"));
    CHECK_FALSE(number("a >= 1 and a < 2", "2"));
}

TEST_CASE("a row without one of the columns is bad, whatever the others say") {
    Record row;
    row.begin(1);
    row.add("a", ValueKind::number, "2");
    row.add("odd name", ValueKind::text, "x");
    for (const char* condition : {"b = 1", "b is null", "a = 1 and b = 1", "b = 1 and a = 2"}) {
        CAPTURE(condition);
        const auto matches = Where::parse(condition).matches(row);
        REQUIRE_FALSE(matches);
        CHECK(matches.bad_row().reason == "no column 'b'; there are a, odd name");
    }
}

TEST_CASE("a column may be within another one") {
    const OneRecord row(R"({"user":{"id":7,"name":"A\u00e9","tags":["x"]},"b.c":1})"
                        "\n{}");
    CHECK(Where::parse("user.id >= 7 and user.name = 'A\xc3\xa9' and user.tags.0 = 'x'")
              .matches(*row) == true);
    CHECK(Where::parse("b.c = 1").matches(*row) == true);
    const auto without = Where::parse("user.mail = 'x'").matches(*row);
    REQUIRE_FALSE(without);
    CHECK(without.bad_row().reason == "no column 'user.mail'; there are user, b.c");
}

TEST_CASE("what is no condition, and where") {
    CHECK(error("") == "in '': expected a column at its end");
    CHECK(error("a") == "in 'a': expected =, !=, <, <=, >, >= or is [not] null at its end");
    CHECK(error("a like 'x'") ==
          "in 'a like 'x'': expected =, !=, <, <=, >, >= or is [not] null, not 'like 'x''");
    CHECK(error("a =") == "in 'a =': expected a number, 'text', true or false at its end");
    CHECK(error("a = b") == "in 'a = b': expected a number, 'text', true or false, not 'b'");
    CHECK(error("a = 01") == "in 'a = 01': expected a number, 'text', true or false, not '01'");
    CHECK(error("a = 'x") == "in 'a = 'x': expected a closing quote, not ''x'");
    CHECK(error("a = 1 or b = 2") ==
          "in 'a = 1 or b = 2': expected 'and' or the end, not 'or b = 2'");
    CHECK(error("a = 1 and") == "in 'a = 1 and': expected a column at its end");
    CHECK(error("a is 5") == "in 'a is 5': expected null, not '5'");
    CHECK(error("a = null") ==
          "in 'a = null': nothing equals null: write 'is null' or 'is not null', not 'null'");
    CHECK(error("a > true").starts_with("in 'a > true': true and false are neither"));
    CHECK(error("= 1") == "in '= 1': expected a column, not '= 1'");
}
