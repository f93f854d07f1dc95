#include "dump/sql/pg_array.hpp"

#include <doctest/doctest.h>

#include "dump/json_text.hpp"

using namespace cachectl;

namespace {

std::string json(std::string_view text, char delimiter = ',') {
    std::string out;
    const bool sound = append_pg_array(
        text, delimiter,
        [](std::string_view element, std::string& to) { return append_json_string(element, to); },
        out);
    return sound ? out : "no array";
}

}  // namespace

TEST_CASE("elements with and without quotes") {
    CHECK(json("{}") == "[]");
    CHECK(json("{a}") == R"(["a"])");
    CHECK(json(R"({"a,b","c\"d","e\\f",NULL,"NULL",""})") ==
          R"(["a,b","c\"d","e\\f",null,"NULL",""])");
    CHECK(json("{null,Null}") == "[null,null]");
    CHECK(json("{ a b , c\t,\"d \" } ") == R"(["a b","c","d "])");
    CHECK(json(R"({a\,b,\ c\ })") == R"(["a,b"," c "])");
    CHECK(json(R"({\NULL})") == R"(["NULL"])");
}

TEST_CASE("arrays of arrays, and bounds") {
    CHECK(json("{{1,2},{3,NULL}}") == R"([["1","2"],["3",null]])");
    CHECK(json("{{},{}}") == "[[],[]]");
    CHECK(json("[0:1]={a,b}") == R"(["a","b"])");
    CHECK(json("[-1:0][2:2]={{a},{b}}") == R"([["a"],["b"]])");
    CHECK(json("{(1,2),(3,4);(5,6),(7,8)}", ';') == R"x(["(1,2),(3,4)","(5,6),(7,8)"])x");
}

TEST_CASE("what is no array") {
    for (const char* text :
         {"",       "a",        "{",        "}",       "{a",      "{a,}",  "{,a}",  "{a,,b}",
          "{\"a}",  "{\"a\"b}", "{a\"b\"}", "{a}b",    "{a}{b}",  "{{a}",  "{a}}",  "{a\\",
          "{\"a\\", "{{a}b}",   "{a{b}}",   "[0:1]=a", "[x]={a}", "[0:1]", "{\xFF}"}) {
        CAPTURE(text);
        CHECK(json(text) == "no array");
    }
    CHECK(json(std::string(100000, '{')) == "no array");
}
