#include "dump/json_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;
using namespace std::string_literals;

TEST_CASE("the grammar of JSON numbers") {
    for (const char* good :
         {"0", "-0", "-0.0", "1", "10", "1.10", "1e400", "1E+5", "1e-5", "0.5", "0e0",
          "9007199254740993", "123456789012345678901234567890", "-1.5e10"}) {
        CAPTURE(good);
        CHECK(is_json_number(good));
    }
    for (const char* bad :
         {"",      "-",     "+1",  "01",    "-01",  "00",  ".5",       "1.",
          "1.e5",  "1e",    "1e+", "1e5.5", "0x10", "NaN", "Infinity", "-Infinity",
          "1_000", "1,000", " 1",  "1 ",    "1a",   "--1", "1.2.3"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_json_number(bad));
    }
}

namespace {

std::string unescaped(std::string_view inside) {
    std::string out;
    const char* why = unescape_json(inside, out);
    return why == nullptr ? out : "error: "s + why;
}

std::string in_quotes(std::string_view bytes) {
    std::string out;
    return append_json_string(bytes, out) ? out : "refused, with '" + out + "' written";
}

}  // namespace

TEST_CASE("string escapes become the bytes they stand for") {
    CHECK(unescaped("plain") == "plain");
    CHECK(unescaped("") == "");
    CHECK(unescaped(R"(a\"b\\c\/d)") == R"(a"b\c/d)");
    CHECK(unescaped(R"(\b\f\n\r\t)") == "\b\f\n\r\t");
    CHECK(unescaped(R"(\u0041\u00e9\u20AC)") == "A\xC3\xA9\xE2\x82\xAC");
    CHECK(unescaped(R"(\ud83d\ude00)") == "\xF0\x9F\x98\x80");
    CHECK(unescaped(R"(\uDBFF\uDFFF)") == "\xF4\x8F\xBF\xBF");
    CHECK(unescaped(R"(x\u0000y)") == "x\0y"s);
    CHECK(unescaped(R"(\u007f\u0080\u07ff\u0800\uffff)") ==
          "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
}

TEST_CASE("escapes that stand for nothing are refused") {
    constexpr const char* k_lone = "error: a lone surrogate (\\uD800 to \\uDFFF) in a string";
    CHECK(unescaped(R"(\ud800)") == k_lone);
    CHECK(unescaped(R"(\udc00)") == k_lone);
    CHECK(unescaped(R"(\ud800x)") == k_lone);
    CHECK(unescaped(R"(\ud800\n)") == k_lone);
    CHECK(unescaped(R"(\ud800\u0041)") == k_lone);
    CHECK(unescaped(R"(\ud800\ud800)") == k_lone);
    CHECK(unescaped(R"(\udc00\ud800)") == k_lone);
    CHECK(unescaped(R"(\x41)") == "error: an unknown escape in a string");
    CHECK(unescaped(R"(\')") == "error: an unknown escape in a string");
    CHECK(unescaped("\\") == "error: an unknown escape in a string");
    CHECK(unescaped(R"(\u12)") == "error: a \\u escape without four hex digits");
    CHECK(unescaped(R"(\u12g4)") == "error: a \\u escape without four hex digits");
    CHECK(unescaped(R"(\u)") == "error: a \\u escape without four hex digits");
}

TEST_CASE("text is written as JSON with the fewest escapes") {
    CHECK(in_quotes("") == R"("")");
    CHECK(in_quotes("a/b é €") == R"("a/b é €")");
    CHECK(in_quotes("say \"hi\" \\ now") == R"("say \"hi\" \\ now")");
    CHECK(in_quotes("\b\t\n\v\f\r\x01\x1f\x7f") == "\"\\b\\t\\n\\u000b\\f\\r\\u0001\\u001f\x7f\"");
    CHECK(in_quotes("\0"s) == R"("\u0000")");
}

TEST_CASE("what has to be escaped is seen at every place, eight bytes at a time or not") {
    for (std::size_t before = 0; before < 20; ++before) {
        for (std::size_t behind = 0; behind < 20; ++behind) {
            const std::string head(before, 'a');
            const std::string tail(behind, '\x7f');
            REQUIRE(in_quotes(head + "\"" + tail) == "\"" + head + "\\\"" + tail + "\"");
            REQUIRE(in_quotes(head + "é\x1f" + tail) == "\"" + head + "é\\u001f" + tail + "\"");
            REQUIRE(in_quotes(head + "\\é\\" + tail) == "\"" + head + "\\\\é\\\\" + tail + "\"");
            REQUIRE(in_quotes(head + "\x80" + tail) == "refused, with '' written");
            REQUIRE(in_quotes(head + "é\xC3" + tail) == "refused, with '' written");
        }
    }
}

TEST_CASE("text that is not UTF-8 is not written as JSON") {
    for (const char* bad : {"\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
        CHECK(in_quotes(bad) == "refused, with '' written");
    }
}

TEST_CASE("minifying drops whitespace between tokens only") {
    std::string out = "old";
    minify_json(" { \"a b\" : [ 1 , 2 ,\n\t{ } ] , \"c\" : \" \\\" \" }\r\n", out);
    CHECK(out == R"({"a b":[1,2,{}],"c":" \" "})");
}

TEST_CASE("minifying is exact at every length around the SIMD registers'") {
    for (std::size_t length = 0; length < 300; ++length) {
        const std::string text = "[ \"" + std::string(length, 'x') + "\" , 1 ]";
        std::string out;
        minify_json(text, out);
        REQUIRE(out == "[\"" + std::string(length, 'x') + "\",1]");
    }
}
