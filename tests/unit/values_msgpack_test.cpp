#include "values/msgpack.hpp"

#include <doctest/doctest.h>

#include "output/json.hpp"
#include "output/writer.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string as_json(const Decoded& decoded) {
    if (decoded.end != DecodeEnd::whole) {
        return "no";
    }
    std::string text;
    {
        Writer out(text);
        JsonWriter json(out, JsonLayout::compact);
        write_node(json, decoded.root);
    }
    return text;
}

std::string json_of(const std::string& bytes) { return as_json(decode_msgpack(bytes, {})); }

}  // namespace

TEST_CASE("each kind of value") {
    CHECK(json_of("\x83\xa1"s
                  "a\x01\xa1"s
                  "b\x93\x01\xff\xcb\x3f\xf8\0\0\0\0\0\0\xa1"s
                  "c\x81\xa4name\xa3\xe2\x82\xac"s) ==
          "{\"a\":1,\"b\":[1,-1,1.5],\"c\":{\"name\":\"€\"}}\n");
    CHECK(json_of("\x95\xc0\xc2\xc3\xcc\xc8\xd0\x80"s) == "[null,false,true,200,-128]\n");
    CHECK(json_of("\x94\xcd\xff\xff\xd1\x80\0\xce\xff\xff\xff\xff\xd2\x80\0\0\0"s) ==
          "[65535,-32768,4294967295,-2147483648]\n");
    CHECK(json_of("\x92\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\0\0\0\0\0\0\0"s) ==
          "[18446744073709551615,-9223372036854775808]\n");
    CHECK(json_of("\x92\xca\x3f\xc0\0\0\xcb\x7f\xf0\0\0\0\0\0\0"s) == "[1.5,null]\n");
    CHECK(json_of("\x92\xc4\x02\xff\xfe\xd9\x01x"s) == "[{\"base64\":\"//4=\"},\"x\"]\n");
    CHECK(json_of("\x92\xd6\xff\0\0\0\x01\xc7\x01\x05\0"s) ==
          "[\"extension -1, 4 B\",\"extension 5, 1 B\"]\n");
    CHECK(json_of("\xdc\0\x02\x01\xde\0\x01\x07\xa1x"s) == "[1,{\"7\":\"x\"}]\n");
}

TEST_CASE("what could be anything is not called msgpack") {
    for (const std::string& bytes :
         {""s, "text"s, "\x80"s, "\x90"s, "\x01"s, "\xa1x"s, "\x80\0\xff"s, "\x92\x01"s,
          "\x92\x01\x02\x03"s, "\x81\xc0\x01"s, "\x92\xc1\x01"s, "\x92\xa1\xff\x01"s,
          "\x81\xa1\xff\x01"s}) {
        CAPTURE(bytes);
        CHECK(json_of(bytes) == "no");
    }
}

TEST_CASE("an array that claims 2^32 elements is cut where the bytes end") {
    const Decoded decoded = decode_msgpack("\xdd\xff\xff\xff\xff\xa1x\x02"s, {});
    CHECK(decoded.end == DecodeEnd::cut);
    CHECK(decoded.root.members.size() == 2);
    CHECK(decoded.root.left_out == 4'294'967'293);
    const Decoded map = decode_msgpack("\xdf\xff\xff\xff\xff\xa1x\x02\xa1"s, {});
    CHECK(map.end == DecodeEnd::cut);
    CHECK(map.root.left_out == 4'294'967'294);
    CHECK(decode_msgpack("\x92\xdb\xff\xff\xff\xff"
                         "abc"s,
                         {})
              .end == DecodeEnd::cut);
}

TEST_CASE("10,000 nested arrays are kept to the bound") {
    const Decoded decoded =
        decode_msgpack(std::string(10'000, '\x91') + '\x01', {.nodes = 9, .depth = 2});
    CHECK(decoded.end == DecodeEnd::whole);
    CHECK(as_json(decoded) == "[[[]]]\n");
    CHECK(decode_msgpack(std::string(200'000, '\x91') + '\x01', {}).end == DecodeEnd::no);
}
