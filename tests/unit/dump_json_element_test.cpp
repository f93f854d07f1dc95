#include "dump/json_element.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

/// The record, or why it is none.
std::string parse(const std::string& text) {
    static JsonElementParser parser;
    static Record record;
    const std::string padded = text + std::string(Source::k_padding, '\0');
    const auto parsed =
        parser.parse_object(std::string_view(padded).substr(0, text.size()), 1, record);
    return parsed ? describe(record) : "BAD " + parsed.bad_row().reason;
}

}  // namespace

TEST_CASE("each kind of value, its text exact") {
    CHECK(parse(R"({"n":null,"t":true,"f":false,"i":-7,"s":"x","e":"","o":{},"a":[]})") ==
          "1: n=null, t=boolean true, f=boolean false, i=number -7, s=text x, e=text, "
          "o=json {}, a=json []\n");
    CHECK(parse("{}") == "1:\n");
    CHECK(parse(" \t\r\n{ \"a\" : 1 } ") == "1: a=number 1\n");
}

TEST_CASE("numbers come out as they went in") {
    CHECK(parse(R"({"a":9007199254740993,"b":1e400,"c":-0.0,"d":1.10,"e":0E-5})") ==
          "1: a=number 9007199254740993, b=number 1e400, c=number -0.0, d=number 1.10, "
          "e=number 0E-5\n");
    CHECK(parse(R"({"a":123456789012345678901234567890 })") ==
          "1: a=number 123456789012345678901234567890\n");
}

TEST_CASE("strings and names are unescaped exactly") {
    CHECK(parse(R"({"a\"b":"c\\\"d","\u00e9":"\ud83d\ude00","":"\/"})") ==
          "1: a\"b=text c\\\"d, é=text 😀, =text /\n");
    CHECK(parse(R"({"a":"\u0000"})") == "1: a=text \0\n"s);
    CHECK(parse(R"({"a" :"x" , "b\\":"y\\"})") == "1: a=text x, b\\=text y\\\n");
}

TEST_CASE("nested values are minified and otherwise left as they are") {
    CHECK(parse(R"({"o": { "a" : [ 1.0 , "x y" , { } ] , "a" : "\u0041" } , "p":1})") ==
          "1: o=json {\"a\":[1.0,\"x y\",{}],\"a\":\"\\u0041\"}, p=number 1\n");
}

TEST_CASE("what is no record is told apart") {
    CHECK(parse("") == "BAD nothing but whitespace");
    CHECK(parse("  ") == "BAD nothing but whitespace");
    CHECK(parse("1") == "BAD not an object");
    CHECK(parse("null") == "BAD not an object");
    CHECK(parse("\"x\"") == "BAD not an object");
    CHECK(parse("[1]") == "BAD not an object");
    CHECK(parse("garbage") == "BAD not an object");
    CHECK(parse("{\"a\":\"\xFF\"}") == "BAD invalid UTF-8");
    CHECK(parse("{\"a\":\"\xED\xA0\x80\"}") == "BAD invalid UTF-8");
    CHECK(parse("{\"a\":\"x\ny\"}") == "BAD a control character in a string");
    CHECK(parse("{\"a\":\"x\0y\"}"s) == "BAD a control character in a string");
    CHECK(parse(R"({"a":"x)") == "BAD a string is not closed");
    CHECK(parse(R"({"a":"x"}})").starts_with("BAD "));
    CHECK(parse(R"({"a":1} x)").starts_with("BAD "));
    CHECK(parse(R"({"a":1} {"b":2})") == "BAD more text after the record");
    CHECK(parse(R"({"a":NaN})") == "BAD 'NaN' is not a JSON value");
    CHECK(parse(R"({"a":-Infinity})") == "BAD '-Infinity' is not a JSON value");
    CHECK(parse(R"({"a":01})") == "BAD '01' is not a JSON value");
    CHECK(parse(R"({"a":nul})") == "BAD 'nul' is not a JSON value");
    CHECK(parse(R"({"a":})") == "BAD '}' is not a JSON value");
    CHECK(parse(R"({"a":"\ud800"})") == "BAD a lone surrogate (\\uD800 to \\uDFFF) in a string");
    CHECK(parse(R"({"\udc00":1})") == "BAD a lone surrogate (\\uD800 to \\uDFFF) in a string");
    CHECK(parse(R"({"a":"\q"})") == "BAD an unknown escape in a string");
    CHECK(parse(R"({"a":1,"b":2,"a":3})") == "BAD two members are named 'a'");
    CHECK(parse(R"({"a":1,"\u0061":3})") == "BAD two members are named 'a'");
}

TEST_CASE("a structural fault is told with its place") {
    CHECK(parse(R"({"a" 1})") == "BAD not valid JSON at its byte 6");
    CHECK(parse(R"({"a":1 "b":2})") == "BAD not valid JSON at its byte 8");
    CHECK(parse(R"({"a":1,})") == "BAD not valid JSON at its byte 8");
    CHECK(parse(R"({a:1})").starts_with("BAD not valid JSON"));
    CHECK(parse(R"({"a":"b":1})").starts_with("BAD not valid JSON"));
    CHECK(parse(R"({"a":[1}})").starts_with("BAD not valid JSON"));
    CHECK(parse(R"({"a":[1,]})") == "BAD ']' is not a JSON value");
    CHECK(parse(R"({"a":{"b":1})").starts_with("BAD "));
    CHECK(parse(R"({"a":1)") == "BAD it does not end with the '}' of its '{'");
    CHECK(parse(R"({"a":1}x)") == "BAD it does not end with the '}' of its '{'");
}

TEST_CASE("faults within nested values are found too") {
    for (const char* value : {R"(["\ud800"])", R"({"\udc00":1})", R"([1e])", R"([tru])",
                              R"([{"a":[NaN]}])", R"(["\q"])", R"({"a":"b":"c"})", R"([1 2])",
                              R"(["a" "b"])", R"([,1])", R"({"a"})", R"({1:2})", R"([1,,2])"}) {
        CAPTURE(value);
        CHECK(parse(R"({"x":)" + std::string(value) + R"(,"y":1})").starts_with("BAD "));
    }
}

TEST_CASE("1024 levels are read, 1025 are not") {
    const auto nested = [](std::size_t levels) {
        return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    CHECK(parse(nested(1024)) ==
          "1: a=json " + std::string(1023, '[') + std::string(1023, ']') + "\n");
    CHECK(parse(nested(1025)) == "BAD nested deeper than 1024");
    CHECK(parse(nested(100'000)) == "BAD nested deeper than 1024");
    std::string objects;
    for (int i = 0; i < 1025; ++i) {
        objects += "{\"a\":";
    }
    CHECK(parse(objects + "1" + std::string(1025, '}')) == "BAD nested deeper than 1024");
}

TEST_CASE("an array's values have no names, and may be equal") {
    JsonElementParser parser;
    Record record;
    const std::string text = R"([1,"a\n",null,[ 2 ],1])";
    const std::string padded = text + std::string(Source::k_padding, '\0');
    REQUIRE(parser.parse_array(std::string_view(padded).substr(0, text.size()), 3, record));
    CHECK(describe(record) == "3: =number 1, =text a\n, =null, =json [2], =number 1\n");
}

TEST_CASE("a long record follows a short one, and the other way round") {
    CHECK(parse("{\"a\":1}") == "1: a=number 1\n");
    const std::string big(3'000'000, 'x');
    CHECK(parse("{\"a\":\"" + big + "\"}") == "1: a=text " + big + "\n");
    CHECK(parse("{\"a\":1}") == "1: a=number 1\n");
}

namespace {

/// Another parser's verdict. A number beyond double it reads and then refuses: no verdict.
enum class Verdict { valid, invalid, none };

struct Judge final : nlohmann::json_sax<nlohmann::json> {
    bool overflow = false;
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::json::exception& error) override {
        overflow = error.id == 406;
        return false;
    }
};

Verdict judge(const std::string& text) {
    Judge sax;
    const bool valid = nlohmann::json::sax_parse(text, &sax);
    return sax.overflow ? Verdict::none : valid ? Verdict::valid : Verdict::invalid;
}

}  // namespace

TEST_CASE("what is taken and what is refused agrees with another strict parser") {
    // Mutations of a record that has everything. Ours alone asks for an object without
    // duplicate names.
    const std::string seed =
        R"({"id":-12.5e+3,"s":"a\"\\\u00e9\ud83d\ude00/é","n":null,"b":[true,false,{"x":[]}],"":{}} )";
    const std::string alphabet = "{}[]\",:\\ 0123456789.eE+-truefalsn\n\t/ud8\x01\xC3\xA9";
    std::mt19937 random(20240607);
    const auto below = [&random](std::size_t bound) { return random() % bound; };
    int taken = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string text = seed;
        for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
            const std::size_t at = below(text.size());
            const char byte = alphabet[below(alphabet.size())];
            switch (below(3)) {
                case 0:
                    text[at] = byte;
                    break;
                case 1:
                    text.insert(at, 1, byte);
                    break;
                default:
                    text.erase(at, 1 + below(3));
            }
        }
        const std::string ours = parse(text);
        const Verdict theirs = judge(text);
        if (theirs == Verdict::none || ours.starts_with("BAD two members") ||
            ours == "BAD not an object") {
            continue;
        }
        CAPTURE(text);
        CAPTURE(ours);
        REQUIRE((theirs == Verdict::valid) == !ours.starts_with("BAD"));
        taken += theirs == Verdict::valid ? 1 : 0;
    }
    CHECK(taken > 1000);
}
