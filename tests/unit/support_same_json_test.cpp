#include "support/same_json.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using cachectl::test::same_json;

TEST_CASE("whitespace between tokens does not count, and within strings does") {
    CHECK(same_json(" { \"a b\" :\t[ 1 ,\r\n true ] } ") == R"({"a b":[1,true]})");
    CHECK(same_json(R"("a  b")") == R"("a  b")");
    CHECK(same_json("null") == "null");
}

TEST_CASE("strings are the same however they are escaped") {
    CHECK(same_json(R"("\u00e9\/\u0041")") == "\"\xc3\xa9/A\"");
    CHECK(same_json("\"\xc3\xa9/A\"") == "\"\xc3\xa9/A\"");
    CHECK(same_json(R"("\ud83d\ude00")") == "\"\xf0\x9f\x98\x80\"");
    CHECK(same_json(R"(["\"","\\"])") == R"(["\"","\\"])");
    CHECK(same_json(R"("\u000a")") == R"("\n")");
}

TEST_CASE("numbers stay as they are written, also those that no double holds") {
    CHECK(same_json("[1.0, 1, 1e400, -0, 9007199254740993, 1E+2]") ==
          "[1.0,1,1e400,-0,9007199254740993,1E+2]");
    CHECK(same_json("1.10") != same_json("1.1"));
}

TEST_CASE("members keep their order, and what differs stays different") {
    CHECK(same_json(R"({"a":1,"b":2})") != same_json(R"({"b":2,"a":1})"));
    CHECK(same_json(R"({"a":1})") != same_json(R"({"a":"1"})"));
    CHECK(same_json("[null]") != same_json("[false]"));
}

TEST_CASE("what is no JSON is refused") {
    for (const char* text :
         {"",         " ",        "{",        "[1,]",   R"({"a"})", R"({"a":1,})",
          "[1 2]",    "01",       "+1",       ".5",     "1.",       "1e",
          "-",        "nul",      "\"open",   R"("a\)", R"("\x")",  R"("\ud83d")",
          "\"\xff\"", "\"a\nb\"", R"({1:2})", "1-2",    "[1]]",     R"({"a":1}{"b":2})"}) {
        CAPTURE(text);
        CHECK_THROWS(same_json(text));
    }
}
