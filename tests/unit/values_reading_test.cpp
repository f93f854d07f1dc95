#include "values/reading.hpp"

#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "values/packed.hpp"
#include "values/pickle.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string ids_of(std::string_view bytes, Extent extent = Extent::whole) {
    return read_value(bytes, extent).ids();
}

}  // namespace

TEST_CASE("what is packed is unpacked, twice at the most") {
    const std::string json = R"({"a": [1, 2]})";
    CHECK(ids_of(json) == "json");
    CHECK(ids_of(gzipped(json)) == "gzip+json");
    CHECK(ids_of(zstd_packed(json)) == "zstd+json");
    CHECK(ids_of(gzipped(zstd_packed(json))) == "gzip+zstd+json");
    const ValueReading thrice = read_value(gzipped(gzipped(gzipped(json))), Extent::whole);
    CHECK(thrice.ids() == "gzip+gzip+binary");
    CHECK(thrice.text == gzipped(json));
    CHECK(read_value(gzipped("plain"), Extent::whole).text == "plain");
    CHECK(read_value(gzipped(json), Extent::whole).full_name() == "JSON unpacked from gzip");
}

TEST_CASE("a bomb is unpacked to 1 MiB and no further") {
    const std::string bomb = gzipped(std::string(64 << 20, '\0'));
    const ValueReading reading = read_value(bomb, Extent::whole);
    CHECK(reading.text.size() == 1 << 20);
    CHECK(reading.cut);
    CHECK(read_value(gzipped(bomb), Extent::whole).text.size() == 1 << 20);
    CHECK(unpack(zstd_packed(std::string(64 << 20, 'x')), 1000).bytes.size() == 1000);
}

TEST_CASE("what only begins like compressed data stays as it is") {
    CHECK(ids_of("x^2 + y^2") == "text");
    CHECK(ids_of("\x1f\x8b\x08 is how gzip begins") == "binary");
    const std::string damaged = gzipped(std::string(1000, 'a')).substr(0, 20);
    CHECK(ids_of(damaged) == "binary");
}

TEST_CASE("the beginning of a value is read as far as it goes") {
    std::string json = "[";
    for (int i = 0; i < 1000; ++i) {
        json += "{\"id\": " + std::to_string(i) + "},";
    }
    CHECK(ids_of(json) == "text");
    CHECK(ids_of(json, Extent::beginning) == "json");
    const std::string packed = gzipped(json);
    const ValueReading reading =
        read_value(std::string_view(packed).substr(0, packed.size() / 2), Extent::beginning);
    CHECK(reading.ids() == "gzip+json");
    CHECK(reading.cut);
    CHECK(!reading.tree.members.empty());
    CHECK(ids_of("a\xc3", Extent::beginning) == "text");
    CHECK(ids_of("a\xc3") == "binary");
}

TEST_CASE("of a pickle the texts and numbers are told, and nothing is run") {
    const ValueReading reading = read_value(
        "\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04"
        "evil\x94\x85\x94R\x94."s,
        Extent::whole);
    CHECK(reading.form == ValueReading::Form::found);
    CHECK(reading.name == "Python pickle, protocol 4");
    REQUIRE(reading.tree.members.size() == 3);
    CHECK(reading.tree.members[1].text == "system");
    const Pickle old = read_pickle("cposix\nsystem\n(S'x'\ntR.", {});
    CHECK(old.end == DecodeEnd::no);  // without a mark it could be any text
    const Pickle zero = read_pickle("(dp0\nVa\np1\nI-5\nsVb\nI01\nsVc\ncos\nsystem\ns.", {});
    CHECK(zero.end == DecodeEnd::whole);
    REQUIRE(zero.found.members.size() == 6);
    CHECK(zero.found.members[1].text == "-5");
    CHECK(zero.found.members[3].kind == Node::Kind::boolean);
    CHECK(zero.found.members[5].text == "os.system");
    CHECK(read_pickle("\x80\x04\x8a\x02\xff\xff."s, {}).found.members[0].text == "-1");
}

TEST_CASE("marks") {
    CHECK(ids_of("\0\0\0\2\x14\x01\x11\x01"
                 "a\x06\x01"s) == "igbinary");
    CHECK(ids_of("\xac\xed\0\5sr\0\x11"s) == "java");
    CHECK(ids_of("\4\b{\6:\6ai\6"s) == "ruby-marshal");
    CHECK(ids_of("HYLL\1\0\0\0"s) == "hyperloglog");
    CHECK(ids_of("\0\0\0\2"s) == "binary");
    CHECK(ids_of("") == "text");
    CHECK(ids_of("a\0b"s) == "binary");
}
