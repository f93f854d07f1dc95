#include "dump/json_rows.hpp"

#include <doctest/doctest.h>

#include "dump/json_pointer.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

DumpReading rows_at(std::string pointer, std::string_view text,
                    std::size_t read_bytes = Source::k_read_bytes) {
    return read_all(text, {.rows = std::move(pointer)}, read_bytes);
}

constexpr std::string_view k_wrapped =
    "{\n \"meta\": {\"data\": [{\"x\":0}], \"t\": \"}\\\\\\\"[\"},\n"
    " \"da/ta\" : {\"it~ems\" :\n[ {\"id\":1} ,\n{\"id\":2}, 3], \"more\": [null]},\n"
    " \"next\": \"\\\\\"\n}\n";

}  // namespace

TEST_CASE("rows are read from where a pointer says, whatever the size of the reads") {
    for (const std::size_t bytes : {1, 2, 3, 7, 1000}) {
        CAPTURE(bytes);
        const DumpReading reading = rows_at("/da~1ta/it~0ems", k_wrapped, bytes);
        CHECK(reading.error == "");
        CHECK(reading.rows == "4: id=number 1\n5: id=number 2\n5: BAD not an object\n");
    }
    CHECK(rows_at("/meta/data", k_wrapped).rows == "2: x=number 0\n");
    CHECK(rows_at("/1/0", R"([[], [[{"a":1}]], []])").rows == "1: a=number 1\n");
    CHECK(rows_at("/", R"({"":[{"a":1}]})").rows == "1: a=number 1\n");
    CHECK(rows_at("/a\xC3\xA9", "{\"a\\u00e9\":[]}").error == "");
}

TEST_CASE("a pointer to no array is an error that says what there is") {
    const DumpReading missing = rows_at("/data", k_wrapped);
    CHECK(missing.error == "in:7: --rows /data: there is no 'data'");
    CHECK(missing.hint == "what there is: meta, da/ta, next");
    CHECK(rows_at("/meta", k_wrapped).error ==
          "in:2: --rows /meta: there is an object, and no array of records");
    CHECK(rows_at("/next", k_wrapped).error == "in:6: --rows /next: there is no array of records");
    CHECK(rows_at("/next/0", k_wrapped).error ==
          "in:6: --rows /next/0: '0' is in no object and no array");
    CHECK(rows_at("/2", "[1,2]").error == "in:1: --rows /2: the array has no element 2");
    CHECK(rows_at("/x", "[1,2]").error ==
          "in:1: --rows /x: 'x' is in an array, and no number of an element");
}

TEST_CASE("what stands around the rows must be whole too") {
    CHECK(rows_at("/a", R"({"a":[{"b":1}])").error ==
          "in:1: the input ends too early (byte 14 of the input)");
    CHECK(rows_at("/a", R"({"a":[{"b":1}],"c":[1)").error ==
          "in:1: the input ends in the middle of a value (byte 21 of the input)");
    CHECK(rows_at("/a", R"({"a":[{"b":1}],"c":[1}})").error ==
          "in:1: a bracket closes what was not opened (byte 21 of the input)");
    CHECK(rows_at("/a", R"({"a":[{"b":1}]} {})").error ==
          "in:1: more text after the closing ']' (byte 16 of the input)");
    CHECK(rows_at("/a", R"({"a":[{"b":1}] "c":1})").error ==
          "in:1: expected ',' (byte 15 of the input)");
}

TEST_CASE("rows that two members of one name may mean are an error") {
    CHECK(rows_at("/data", "{\"data\":[{\"id\":1}],\n\"x\":0,\"data\":[{\"id\":2}]}").error ==
          "in:2: --rows /data: there is a second 'data' beside that one");
    CHECK(rows_at("/a/b", R"({"a":{"b":[{"id":1}]},"a":{"b":[]}})").error ==
          "in:1: --rows /a/b: there is a second 'a' beside that one");
    CHECK(rows_at("/a/b", R"({"a":{"b":[{"id":1}],"a":1},"b":1})").error == "");
}

TEST_CASE("what is skipped takes no memory") {
    std::string text = "{\"skip\":[";
    for (int i = 0; i < 100'000; ++i) {
        text += "{\"text\":\"a \\\"longer\\\" one\\\\\"},";
    }
    text += "0],\"rows\":[{\"a\":1}]}";
    const TextFile file(text);
    Source source(file.fd(), "in", 4096);
    const auto reader = open_reader(source, {.rows = "/rows"});
    CHECK(reader->next() == Next::record);
    CHECK(reader->next() == Next::end);
    CHECK(source.capacity() <= 16 * 1024);
}

TEST_CASE("rows within something are of JSON alone") {
    for (const ReaderOptions& options : {ReaderOptions{.format = DumpFormat::csv, .rows = "/a"},
                                         ReaderOptions{.csv = {.delimiter = ','}, .rows = "/a"}}) {
        CHECK_THROWS_WITH_AS(read_all("{\"a\":[]}", options),
                             "--rows is for JSON, and in is to be read as something else", Error);
    }
    CHECK_THROWS_WITH_AS(rows_at("/a", "a,b\n1,2\n"),
                         "--rows is for JSON, and in is something else", Error);
}

TEST_CASE("JSON pointers") {
    using Names = std::vector<std::string>;
    CHECK(parse_json_pointer("/a/b") == Names{"a", "b"});
    CHECK(parse_json_pointer("/") == Names{""});
    CHECK(parse_json_pointer("/a~1b/~01/") == Names{"a/b", "~1", ""});
    CHECK(pointer_part("a/b~1") == "a~1b~01");
    for (const char* text : {"", "a", "a/b", "/~", "/~2", "#/a"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_json_pointer(text), Error);
    }
}
