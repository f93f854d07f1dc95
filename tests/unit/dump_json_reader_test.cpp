#include "dump/json_reader.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

TEST_CASE("NDJSON: a broken line is a bad row, and reading goes on") {
    const DumpReading reading = read_all(
        "{\"a\":1}\n"
        "\n"
        "{\"a\":tru}\n"
        "[1]\n"
        "  \r\n"
        "{\"a\":\"\xFF\"}\n"
        "{\"a\":2} \r\n"
        "{\"a\":3}{\"a\":4}\n"
        "{\"a\":5}");
    CHECK(reading.format == "NDJSON");
    CHECK(reading.rows ==
          "1: a=number 1\n"
          "3: BAD 'tru' is not a JSON value\n"
          "4: BAD not an object\n"
          "6: BAD invalid UTF-8\n"
          "7: a=number 2\n"
          "8: BAD more text after the record\n"
          "9: a=number 5\n");
    CHECK(reading.error.empty());
}

TEST_CASE("NDJSON: a file cut in mid-record is an error, with its place") {
    const DumpReading reading = read_all("{\"a\":1}\n{\"a\":2}\n{\"a\":\"xy");
    CHECK(reading.rows == "1: a=number 1\n2: a=number 2\n");
    CHECK(reading.error == "in:3: the input ends in the middle of a record (byte 24 of the input)");
}

TEST_CASE("NDJSON: a broken last line that is whole is a bad row") {
    const DumpReading reading = read_all("{\"a\":1}\n{\"a\":1}\n{\"a\":x}");
    CHECK(reading.rows == "1: a=number 1\n2: a=number 1\n3: BAD 'x' is not a JSON value\n");
    CHECK(reading.error.empty());
}

TEST_CASE("a JSON array, element by element") {
    const DumpReading reading = read_all(
        "[\n"
        "  {\"a\": 1, \"s\": \"]},[\"},\n"
        "  {\n    \"a\": 2\n  }, {\"a\":3},\n"
        "  42, null, \"x\", [{}],\n"
        "  {\"a\": 1e}, {\"a\":\"line\nbreak\"},\n"
        "  {\"a\": 4}\n"
        "]\n");
    CHECK(reading.format == "JSON array");
    CHECK(reading.rows ==
          "2: a=number 1, s=text ]},[\n"
          "3: a=number 2\n"
          "5: a=number 3\n"
          "6: BAD not an object\n6: BAD not an object\n6: BAD not an object\n"
          "6: BAD not an object\n"
          "7: BAD '1e' is not a JSON value\n"
          "7: BAD a control character in a string\n"
          "9: a=number 4\n");
    CHECK(reading.error.empty());
}

TEST_CASE("an array's faults that leave no next element stop the reading") {
    CHECK(read_all("[]").rows.empty());
    CHECK(read_all("[]").error.empty());
    CHECK(read_all("[{\"a\":1},\n]").error ==
          "in:2: a ',' before the closing ']' (byte 10 of the input)");
    CHECK(read_all("[{\"a\":1}\n{\"a\":2}]").error ==
          "in:2: expected ',' or ']' (byte 9 of the input)");
    CHECK(read_all("[,{}]").error ==
          "in:1: a bracket closes what was not opened (byte 1 of the input)");
    CHECK(read_all("[{\"a\":1}]\nx").error ==
          "in:2: more text after the closing ']' (byte 10 of the input)");
    CHECK(read_all("[{\"a\":1}]]").error ==
          "in:1: more text after the closing ']' (byte 9 of the input)");
    CHECK(read_all("[{\"a\":[1}]").error ==
          "in:1: a bracket closes what was not opened (byte 8 of the input)");
    CHECK(read_all("[{\"a\":1},\n {\"a\":").error ==
          "in:2: the input ends in the middle of a record (byte 16 of the input)");
    CHECK(read_all("[{\"a\":1},\n").error ==
          "in:2: the input ends before the closing ']' (byte 10 of the input)");
    CHECK(read_all("[{\"a\":1}").error ==
          "in:1: the input ends before the closing ']' (byte 8 of the input)");
    CHECK(read_all("[").error ==
          "in:1: the input ends before the closing ']' (byte 1 of the input)");
}

TEST_CASE("JSON objects in a row, as jq prints them") {
    const DumpReading reading =
        read_all("{\n  \"a\": 1\n}\n{\n  \"a\": x\n}\n{\"a\":3}{\"a\":4}\n");
    CHECK(reading.format == "JSON objects");
    CHECK(reading.rows ==
          "1: a=number 1\n4: BAD 'x' is not a JSON value\n7: a=number 3\n7: a=number 4\n");
    CHECK(read_all("{\n\"a\":1}\n{\n\"a\":").error ==
          "in:4: the input ends in the middle of a record (byte 15 of the input)");
}

TEST_CASE("a JSON object of keys and values") {
    const DumpReading reading = read_all(
        "{\n"
        "  \"course:1\": {\"title\": \"A\"},\n"
        "  \"n\\u0061me\" : \"x\\ny\", \"num\":1.10,\n"
        "  \"list\": [1, 2], \"none\"\n:\nnull, \"\": true\n"
        "}\n");
    CHECK(reading.format == "JSON object");
    CHECK(reading.rows ==
          "2: key=text course:1, value=json {\"title\":\"A\"}\n"
          "3: key=text name, value=text x\ny\n"
          "3: key=text num, value=number 1.10\n"
          "4: key=text list, value=json [1,2]\n"
          "4: key=text none, value=null\n"
          "6: key=text, value=boolean true\n");
    CHECK(reading.error.empty());
    CHECK(read_all("{}").rows.empty());
    CHECK(read_all("{}").error.empty());
}

TEST_CASE("a bad value in an object is a bad row; a key that occurs twice is two entries") {
    const DumpReading reading =
        read_all("{\"a\":NaN,\"b\":1,\n\"c\":[1 2],\"d\":\"\\ud800\",\"b\":2,\"\\q\":1}");
    CHECK(reading.rows ==
          "1: BAD 'NaN' is not a JSON value\n"
          "1: key=text b, value=number 1\n"
          "2: BAD not valid JSON at its byte 9\n"
          "2: BAD a lone surrogate (\\uD800 to \\uDFFF) in a string\n"
          "2: key=text b, value=number 2\n"
          "2: BAD an unknown escape in a string\n");
}

TEST_CASE("an object's faults that leave no next member stop the reading") {
    CHECK(read_all("{\"a\":1,}").error ==
          "in:1: a ',' before the closing '}' (byte 7 of the input)");
    CHECK(read_all("{\"a\":1,\n b:2}").error ==
          "in:2: expected a key in double quotes (byte 9 of the input)");
    CHECK(read_all("{\"a\" 1}").error == "in:1: expected ':' behind the key (byte 5 of the input)");
    CHECK(read_all("{\"a\":}").error == "in:1: expected a value (byte 5 of the input)");
    CHECK(read_all("{\"a\":1 2}").error == "in:1: expected ',' or '}' (byte 7 of the input)");
    CHECK(read_all("{\"a\":1").error ==
          "in:1: the input ends in the middle of a record (byte 6 of the input)");
    CHECK(read_all("{\"a\"").error == "in:1: the input ends before a ':' (byte 4 of the input)");
    CHECK(read_all("{\"a\":1}\n]").rows == "1: a=number 1\n2: BAD not an object\n");
}

TEST_CASE("a record longer than the cap is an error that says so") {
    const ReaderOptions options{.max_record_bytes = 100};
    const std::string big = "{\"a\":\"" + std::string(200, 'x') + "\"}";
    constexpr std::string_view k_longer = "a record is longer than 100 bytes";
    const auto capped = [&](const std::string& text, std::size_t read_bytes) {
        const std::string error = read_all(text, options, read_bytes).error;
        return error.find(k_longer) != std::string::npos ? error.substr(0, 5) : error;
    };
    for (const std::size_t read_bytes : {std::size_t{7}, Source::k_read_bytes}) {
        CHECK(capped("{}\n{}\n" + big + "\n", read_bytes) == "in:3:");
        CHECK(capped("[{},\n" + big + "]", read_bytes) == "in:2:");
        CHECK(capped("{\"k\":\n" + big + "}", read_bytes) == "in:2:");
        CHECK(capped("{\"k\"" + std::string(200, ' ') + ":1}", read_bytes) == "in:1:");
        CHECK(read_all("[{},\n" + big.substr(150) + "]", options, read_bytes).error !=
              std::string(k_longer));
    }
    CHECK(read_all(big, {.max_record_bytes = 512 * 1024 * 1024}).error.empty());
}

TEST_CASE("the whole record's JSON is there, minified") {
    const OneRecord row("[ { \"a\" : [ 1 ] , \"b\" : 1.0 } ]");
    CHECK((*row).json() == R"({"a":[1],"b":1.0})");
}

TEST_CASE("an array and an object of many megabytes go through a small window") {
    for (const bool object : {false, true}) {
        std::string text = object ? "{" : "[";
        for (int i = 0; i < 60'000; ++i) {
            text +=
                fmt::format("{}{}{{\"id\":{},\"title\":\"some title {}\"}}", i == 0 ? "" : ",\n",
                            object ? fmt::format("\"k{}\":", i) : "", i, i);
        }
        text += object ? "}" : "]";
        const TextFile file(text);
        Source source(file.fd(), "in", 4096);
        const auto reader = open_reader(source, {.format = DumpFormat::json});
        int records = 0;
        while (reader->next() == Next::record) {
            ++records;
        }
        CHECK(records == 60'000);
        CHECK(source.capacity() <= 8192);
        CHECK(source.bytes_read() == text.size());
    }
}

TEST_CASE("rows behind each other share nothing") {
    const DumpReading reading = read_all(
        "{\"a\":\"x\\ny\",\"b\":[ 1 "
        "]}\n{\"b\":2}\n{}\n{\"a\":\"\\u0041\",\"b\":null,\"c\":\"z\"}\n");
    CHECK(reading.rows ==
          "1: a=text x\ny, b=json [1]\n2: b=number 2\n3:\n4: a=text A, b=null, c=text z\n");
}
