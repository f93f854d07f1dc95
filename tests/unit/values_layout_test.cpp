#include "values/layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "util/text.hpp"
#include "values/json_value.hpp"

using namespace cachectl;

namespace {

LaidOut laid_out(std::string_view json, std::size_t columns = 80,
                 Painter::Color color = Painter::Color::off) {
    const Decoded decoded = decode_json(json, {});
    REQUIRE(decoded.end == DecodeEnd::whole);
    return lay_out(decoded.root, {.columns = columns, .paint = Painter(color)});
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        widest = std::max(widest, display_width(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return widest;
}

}  // namespace

TEST_CASE("what fits stands in a line, the outermost members below each other") {
    const LaidOut value = laid_out(R"({"a":{"b":[1,2]},"c":[{"d":"x"}],"e":{}})");
    CHECK(value.text ==
          "{\n"
          "  \"a\": {\"b\": [1, 2]},\n"
          "  \"c\": [{\"d\": \"x\"}],\n"
          "  \"e\": {}\n"
          "}\n");
    CHECK(!value.shortened);
    CHECK(laid_out("[]").text == "[]\n");
}

TEST_CASE("what does not fit is divided, and shortened until it fits on a screen") {
    std::string json = R"({"rows": [)";
    for (int i = 0; i < 100; ++i) {
        json += (i == 0 ? "" : ",") +
                std::string(R"({"id": 1, "text": "0123456789 0123456789", )") +
                R"("more": ["0123456789", "0123456789"]})";
    }
    json += R"(], "end": true})";
    for (const std::size_t columns : {60, 80, 100, 160}) {
        CAPTURE(columns);
        const LaidOut value = laid_out(json, columns);
        CHECK(value.shortened);
        CHECK(widest_line(value.text) <= columns);
        CHECK(std::count(value.text.begin(), value.text.end(), '\n') <= 40);
        CHECK(value.text.find(" more\n") != std::string::npos);
        CHECK(value.text.ends_with("  \"end\": true\n}\n"));
    }
}

TEST_CASE("long texts are cut to the terminal, in whole characters") {
    const LaidOut value = laid_out(
        "{\"a\": \"" + std::string(500, 'x') + "\", \"日本\": \"" +
            [] {
                std::string text;
                for (int i = 0; i < 200; ++i) {
                    text += "語🎉";
                }
                return text;
            }() +
            "\"}",
        60);
    CHECK(value.shortened);
    CHECK(widest_line(value.text) <= 60);
    CHECK(is_utf8(value.text));
}

TEST_CASE("nothing of a value reaches the terminal that it would act on") {
    const LaidOut value = laid_out("{\"\\u001b[2J\":\"\\u202e\\u0007\\n\"}");
    CHECK(value.text == "{\n  \"\\u001b[2J\": \"\\u202e\\u0007\\n\"\n}\n");
    Node bytes;
    bytes.kind = Node::Kind::bytes;
    bytes.text = "\x1b[2J\xff\"";
    CHECK(lay_out(bytes, {}).text == "b\"\\x1b[2J\\xff\"\"\n");
    Node remark;
    remark.kind = Node::Kind::remark;
    remark.text = "os.\x1b[2Jsystem";
    CHECK(lay_out(remark, {}).text == "<os.\\x1b[2Jsystem>\n");
}

TEST_CASE("names, texts and words have colours where these are wanted") {
    CHECK(laid_out(R"({"a":"b","c":null,"d":1})", 80, Painter::Color::on).text ==
          "{\n"
          "  \x1b[36m\"a\"\x1b[0m: \x1b[32m\"b\"\x1b[0m,\n"
          "  \x1b[36m\"c\"\x1b[0m: \x1b[2mnull\x1b[0m,\n"
          "  \x1b[36m\"d\"\x1b[0m: 1\n"
          "}\n");
}

TEST_CASE("in one line as many members stand as have room") {
    const Decoded decoded = decode_json(R"({"a":"0123456789","b":[1,2,3],"c":"x","d":"y"})", {});
    const auto line = [&](std::size_t columns) {
        return lay_out_in_line(decoded.root, {}, columns);
    };
    CHECK(line(80).text == R"({"a": "0123456789", "b": [1, 2, 3], "c": "x", "d": "y"})");
    CHECK(!line(80).shortened);
    CHECK(line(50).text == "{\"a\": \"0123456789\", \"b\": [1, 2, 3], … 2 more}");
    CHECK(line(50).shortened);
    CHECK(display_width(line(10).text) <= 10);
}
