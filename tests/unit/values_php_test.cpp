#include "values/php.hpp"

#include <doctest/doctest.h>

#include "output/json.hpp"
#include "output/writer.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string json_of(std::string_view text) {
    const Decoded decoded = decode_php(text, {});
    if (decoded.end != DecodeEnd::whole) {
        return decoded.end == DecodeEnd::cut ? "cut" : "no";
    }
    std::string json;
    {
        Writer out(json);
        JsonWriter writer(out, JsonLayout::compact);
        write_node(writer, decoded.root);
    }
    return json;
}

}  // namespace

TEST_CASE("scalars") {
    CHECK(json_of("N;") == "null\n");
    CHECK(json_of("b:1;") == "true\n");
    CHECK(json_of("i:-42;") == "-42\n");
    CHECK(json_of("d:0.1;") == "0.1\n");
    CHECK(json_of("d:1.0E+25;") == "1e+25\n");
    CHECK(json_of("d:-INF;") == "null\n");
    CHECK(json_of("s:6:\"a\";\xc3\xa9\n\";") == "\"a\\\";é\\n\"\n");
}

TEST_CASE("an array with the indexes 0, 1, 2 is an array, each other one an object") {
    CHECK(json_of("a:2:{i:0;s:1:\"a\";i:1;i:5;}") == "[\"a\",5]\n");
    CHECK(json_of("a:2:{i:1;s:1:\"a\";i:0;i:5;}") == "{\"1\":\"a\",\"0\":5}\n");
    CHECK(json_of("a:1:{s:1:\"k\";a:0:{}}") == "{\"k\":[]}\n");
}

TEST_CASE("objects with their class, and names without their marks") {
    CHECK(json_of(
              "O:8:\"App\\User\":3:{s:2:\"id\";i:1;s:5:\"\0*\0pw\";N;s:8:\"\0App\\U\0x\";b:0;}"s) ==
          "{\"__class\":\"App\\\\User\",\"id\":1,\"pw\":null,\"x\":false}\n");
}

TEST_CASE("references, enumerations and what a class wrote itself are told in words") {
    CHECK(json_of("a:3:{i:0;r:1;i:1;E:6:\"B:Case\";i:2;C:1:\"X\":4:{a;}b}}") ==
          "[\"reference 1\",\"B:Case\",\"X, 4 B of its own\"]\n");
}

TEST_CASE("what is not PHP's is not called so") {
    for (const char* text :
         {"", "abc", "i:;", "i:1", "i:01;", "b:2;", "s:3:\"abcd\";", "a:1:{i:0;i:1;",
          "a:1:{i:0;i:1;}x", "a:1:{b:1;i:1;}", "x:1;", "d:abc;", "a:-1:{}", "O:1:\"A\":1:{}"}) {
        CAPTURE(text);
        CHECK(json_of(text) != "whole");
        CHECK((json_of(text) == "no" || json_of(text) == "cut"));
    }
    CHECK(json_of("a:1:{i:0;i:1;}x") == "no");
}

TEST_CASE("what it claims to have and does not is counted") {
    const Decoded decoded = decode_php("a:4294967295:{i:0;s:5:\"ab", {});
    CHECK(decoded.end == DecodeEnd::cut);
    CHECK(decoded.root.kind == Node::Kind::array);
    CHECK(decoded.root.left_out == 4'294'967'294);
    CHECK(decoded.root.members[0].text == "ab");
    CHECK(decoded.root.members[0].open_end);
    CHECK(decode_php("s:18446744073709551615:\"a\";", {}).end == DecodeEnd::cut);
    CHECK(decode_php("s:18446744073709551616:\"a\";", {}).end == DecodeEnd::no);
}
