#include "values/json_value.hpp"

#include <doctest/doctest.h>

#include "output/json.hpp"
#include "output/writer.hpp"

using namespace cachectl;

namespace {

std::string as_json(const Node& root) {
    std::string text;
    {
        Writer out(text);
        JsonWriter json(out, JsonLayout::compact);
        write_node(json, root);
    }
    return text;
}

DecodeEnd end_of(std::string_view text) { return decode_json(text, {}).end; }

}  // namespace

TEST_CASE("what is read is written again, numbers digit by digit") {
    for (const std::string_view text :
         {R"({"a":[1,-2.50,1e400,12345678901234567890123],"b":{"c":null,"d":true}})", "[]", "{}",
          R"(["\"\\\n","é🎉"])", "[[[[]]],{}]"}) {
        CAPTURE(text);
        const Decoded decoded = decode_json(text, {});
        CHECK(decoded.end == DecodeEnd::whole);
        CHECK(as_json(decoded.root) == std::string(text) + "\n");
    }
    CHECK(as_json(decode_json("\xEF\xBB\xBF [\"\\ud83c\\udf89\", \"\\ud83c\"] \n", {}).root) ==
          "[\"🎉\",\"\uFFFD\"]\n");
}

TEST_CASE("only JSON is called JSON, and no value alone") {
    for (const std::string_view text :
         {"",      " ",          "1",         "\"a\"", "null",  "{a:1}",     "[1,]",
          "[,1]",  "[01]",       "[1.]",      "[+1]",  "[tru]", "{\"a\",1}", "{\"a\":1,}",
          "[1] 2", "[\"\x01\"]", "[\"\\x\"]", "[}",    "[1 2]", "[-]"}) {
        CAPTURE(text);
        CHECK(end_of(text) == DecodeEnd::no);
    }
}

TEST_CASE("each beginning of a document is a cut document") {
    constexpr std::string_view k_text = R"({"a": [1.5e3, "b\u00e9", false], "c": {"d": null}})";
    for (std::size_t bytes = 1; bytes < k_text.size(); ++bytes) {
        CAPTURE(bytes);
        const Decoded decoded = decode_json(k_text.substr(0, bytes), {});
        CHECK(decoded.end == DecodeEnd::cut);
        CHECK(is_shortened(decoded.root));
    }
}

TEST_CASE("what is nested 10,000 deep is read without recursion, and kept to the bound") {
    const std::string text = std::string(10'000, '[') + std::string(10'000, ']');
    const Decoded decoded = decode_json(text, {.nodes = 100, .depth = 3, .text_bytes = 10});
    CHECK(decoded.end == DecodeEnd::whole);
    CHECK(is_shortened(decoded.root));
    CHECK(as_json(decoded.root) == "[[[[]]]]\n");
    CHECK(end_of(text + "]") == DecodeEnd::no);
}

TEST_CASE("members beyond the bound are counted") {
    const Decoded decoded = decode_json("[1,[2,3],4,5]", {.nodes = 2, .depth = 9, .text_bytes = 9});
    CHECK(decoded.root.members.size() == 2);
    CHECK(decoded.root.left_out == 2);
    CHECK(decoded.root.members[1].left_out == 2);
}

TEST_CASE("a long text keeps whole characters") {
    const Decoded decoded = decode_json("[\"aéé\"]", {.nodes = 9, .depth = 9, .text_bytes = 4});
    CHECK(decoded.root.members[0].text == "aé");
    CHECK(decoded.root.members[0].left_out == 2);
}
