#include "warm/rows/encode.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

constexpr std::string_view k_row =
    R"({"id": 7, "title": "Ada \"A\"", "none": null, "on": true, "tags": [ 1, {"x": 2} ], "n": 1.10})"
    "\n{}\n";
constexpr std::string_view k_csv = "id,title,none,empty\n7,\"say \"\"hi\"\"\",,\"\"\n";

std::string encode(const Record& record, EncodeOptions options) {
    Encoder encoder(std::move(options));
    Encoded encoded;
    if (const auto done = encoder.encode(record, encoded); !done) {
        return "error: " + done.bad_row().reason;
    }
    std::string text;
    for (const std::string_view part : encoded.parts) {
        text += text.empty() ? "" : " | ";
        text += part;
    }
    return text;
}

std::string usage_error(EncodeOptions options) {
    try {
        const Encoder encoder(std::move(options));
        return "no error";
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
}

std::string encode_entry(std::string_view value, EncodeAs as) {
    const OneRecord entry("{\"k\":" + std::string(value) + "}");
    return encode(*entry, {as, {}, std::nullopt, RecordShape::entry});
}

}  // namespace

TEST_CASE("a chosen column may be a path, have another name, or be a constant") {
    const OneRecord row(R"({"id":7,"fr":"é","u":{"n":"\u0041","l":[1]},"a=b":2,"u.n":"dot"})"
                        "\n{}");
    const auto chosen = [](std::vector<const char*> texts) {
        std::vector<ColumnChoice> columns;
        for (const char* text : texts) {
            columns.push_back(ColumnChoice::parse(text));
        }
        return columns;
    };
    ColumnChoice source("source");
    source.constant = {ValueKind::text, "ra\"mq"};
    ColumnChoice none("none");
    none.constant = {ValueKind::null, ""};
    auto columns = chosen({"title=fr", "u.l", "x=u.l.0", "a=b", "u.n"});
    columns.push_back(source);
    columns.push_back(none);
    CHECK(encode(*row, {EncodeAs::json, columns, {}, {}}) ==
          R"({"title":"é","u.l":[1],"x":1,"a=b":2,"u.n":"dot","source":"ra\"mq","none":null})");
    CHECK(encode(*row, {EncodeAs::hash, columns, {}, {}}) ==
          "title | é | u.l | [1] | x | 1 | a=b | 2 | u.n | dot | source | ra\"mq");
    CHECK(encode(*row, {EncodeAs::string, chosen({"x=u.l.0"}), {}, {}}) == "1");
    CHECK(encode(*row, {EncodeAs::json, chosen({"n=u.x"}), {}, {}}) ==
          "error: no column 'u.x' (did you mean 'u.n'?); there are id, fr, u, a=b, u.n");
    const OneRecord nested(R"({"u":{"n":"\u0041","m":"\u0042"}})"
                           "\n{}");
    CHECK(encode(*nested, {EncodeAs::list, chosen({"u.n", "u.m"}), {}, {}}) == "A | B");
    CHECK(usage_error({EncodeAs::json, chosen({"id", "id=fr"}), {}, {}}) ==
          "--columns names 'id' twice");
    CHECK(usage_error({EncodeAs::string, {none}, {}, {}}) ==
          "--as string needs --value TEMPLATE or one column in --columns");
}

TEST_CASE("json of a whole record is the record as it stood") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {}) ==
          R"({"id":7,"title":"Ada \"A\"","none":null,"on":true,"tags":[1,{"x":2}],"n":1.10})");
}

TEST_CASE("json of chosen columns has them in the order chosen") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {EncodeAs::json, {"n", "title", "none", "tags", "on"}, {}, {}}) ==
          R"({"n":1.10,"title":"Ada \"A\"","none":null,"tags":[1,{"x":2}],"on":true})");
    CHECK(encode(*row, {EncodeAs::json, {"id", "nope"}, {}, {}}) ==
          "error: no column 'nope' (did you mean 'none'?); there are id, title, none, on, tags, n");
}

TEST_CASE("json of a CSV row has text and null, no guesses") {
    const OneRecord row(k_csv);
    CHECK(encode(*row, {}) == R"({"id":"7","title":"say \"hi\"","none":null,"empty":""})");
}

TEST_CASE("bytes that are not UTF-8 are no JSON, but a string and a hash keep them") {
    const OneRecord row("id,v\n1,caf\xE9\n");
    CHECK(encode(*row, {}) ==
          "error: column 'v' is not UTF-8, so it cannot be JSON; iconv -t UTF-8 converts a file");
    CHECK(encode(*row, {EncodeAs::string, {"v"}, {}, {}}) == "caf\xE9");
    CHECK(encode(*row, {EncodeAs::hash, {}, {}, {}}) == "id | 1 | v | caf\xE9");
    const OneRecord named("id,\xE9\n1,2\n");
    CHECK(
        encode(*named, {}) ==
        "error: column '\xE9' is not UTF-8, so it cannot be JSON; iconv -t UTF-8 converts a file");
}

TEST_CASE("a NUL byte is kept in a string and escaped in JSON") {
    const OneRecord row("id,v\n1,a\0b\n"s);
    CHECK(encode(*row, {EncodeAs::string, {"v"}, {}, {}}) == "a\0b"s);
    CHECK(encode(*row, {}) == R"({"id":"1","v":"a\u0000b"})");
}

TEST_CASE("a string is one column or a template") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {EncodeAs::string, {"title"}, {}, {}}) == "Ada \"A\"");
    CHECK(encode(*row, {EncodeAs::string, {"tags"}, {}, {}}) == R"([1,{"x":2}])");
    CHECK(encode(*row, {EncodeAs::string, {}, "{id}={on}", {}}) == "7=true");
    CHECK(encode(*row, {EncodeAs::string, {"none"}, {}, {}}) == "error: column 'none' is null");
}

TEST_CASE("a hash has a field for each column that is not null") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {EncodeAs::hash, {}, {}, {}}) ==
          R"(id | 7 | title | Ada "A" | on | true | tags | [1,{"x":2}] | n | 1.10)");
    CHECK(encode(*row, {EncodeAs::hash, {"none", "id"}, {}, {}}) == "id | 7");
    CHECK(encode(*row, {EncodeAs::hash, {"none"}, {}, {}}) ==
          "error: every column is null, and there is no empty hash");
}

TEST_CASE("a list and a set have the columns' values") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {EncodeAs::list, {"n", "none", "id"}, {}, {}}) == "1.10 | 7");
    CHECK(encode(*row, {EncodeAs::set, {"title"}, {}, {}}) == "Ada \"A\"");
    CHECK(encode(*row, {EncodeAs::set, {"none"}, {}, {}}) ==
          "error: every value is null, and there is no empty set");
}

TEST_CASE("a zset has a score, then a member") {
    const OneRecord row(k_row);
    CHECK(encode(*row, {EncodeAs::zset, {"title", "n"}, {}, {}}) == "1.10 | Ada \"A\"");
    CHECK(encode(*row, {EncodeAs::zset, {"id", "title"}, {}, {}}) ==
          "error: the score 'Ada \"A\"' in column 'title' is not a finite number");
    CHECK(encode(*row, {EncodeAs::zset, {"none", "n"}, {}, {}}) == "error: column 'none' is null");
    CHECK(encode(*row, {EncodeAs::zset, {"id", "none"}, {}, {}}) ==
          "error: the score '' in column 'none' is not a finite number");
    const OneRecord csv("m,a,b,c,d,e\nx,-1.5e3,1e400,inf,nan,1 \n");
    CHECK(encode(*csv, {EncodeAs::zset, {"m", "a"}, {}, {}}) == "-1.5e3 | x");
    for (const char* column : {"b", "c", "d", "e"}) {
        CHECK(
            encode(*csv, {EncodeAs::zset, {"m", column}, {}, {}}).starts_with("error: the score"));
    }
}

TEST_CASE("options that contradict each other are usage errors") {
    CHECK(usage_error({EncodeAs::string, {}, {}, {}}) ==
          "--as string needs --value TEMPLATE or one column in --columns");
    CHECK(usage_error({EncodeAs::string, {"a", "b"}, {}, {}}) ==
          "--as string needs --value TEMPLATE or one column in --columns");
    CHECK(usage_error({EncodeAs::zset, {"a"}, {}, {}}) == "--as zset needs --columns MEMBER,SCORE");
    CHECK(usage_error({EncodeAs::json, {}, "{a}", {}}) == "--value is for --as string only");
    CHECK(usage_error({EncodeAs::string, {"a"}, "{a}", {}}) ==
          "--value and --columns cannot be given together");
    CHECK(usage_error({EncodeAs::json, {"a", "b", "a"}, {}, {}}) == "--columns names 'a' twice");
    CHECK(usage_error({EncodeAs::hash, {"a"}, {}, RecordShape::entry}) ==
          "--columns picks the columns of rows, but this input is one JSON object of key → value");
}

TEST_CASE("of an entry, the value is encoded") {
    CHECK(encode_entry(R"( "x\ny" )", EncodeAs::json) == R"("x\ny")");
    CHECK(encode_entry(R"( {"a" : 1.0} )", EncodeAs::json) == R"({"a":1.0})");
    CHECK(encode_entry("null", EncodeAs::json) == "null");
    CHECK(encode_entry(R"("x\ny")", EncodeAs::string) == "x\ny");
    CHECK(encode_entry("12345678901234567890", EncodeAs::string) == "12345678901234567890");
    CHECK(encode_entry("[1, 2]", EncodeAs::string) == "[1,2]");
    CHECK(encode_entry(R"({"f":"v","n":null,"o":{"x": 1}})", EncodeAs::hash) ==
          R"(f | v | o | {"x":1})");
    CHECK(encode_entry(R"(["a",1,null,[2]])", EncodeAs::list) == "a | 1 | [2]");
    CHECK(encode_entry(R"({"ann":1.5,"bob":2})", EncodeAs::zset) == "1.5 | ann | 2 | bob");
}

TEST_CASE("an entry's value of the wrong kind is an error") {
    CHECK(encode_entry("null", EncodeAs::string) == "error: column 'value' is null");
    CHECK(encode_entry("1", EncodeAs::hash) == "error: the value is not an object");
    CHECK(encode_entry("[1]", EncodeAs::hash) == "error: the value is not an object");
    CHECK(encode_entry("{}", EncodeAs::set) == "error: the value is not an array");
    CHECK(encode_entry("\"[1]\"", EncodeAs::set) == "error: the value is not an array");
    CHECK(encode_entry("[]", EncodeAs::list) ==
          "error: every value is null, and there is no empty list");
    CHECK(encode_entry("{}", EncodeAs::zset) ==
          "error: the value has no members, and there is no empty zset");
    CHECK(encode_entry(R"({"a":"x"})", EncodeAs::zset) ==
          "error: the score 'x' in column 'a' is not a finite number");
    CHECK(encode_entry(R"({"a":1,"a":2})", EncodeAs::hash) == "error: two members are named 'a'");
}

TEST_CASE("one Encoded serves row after row") {
    Encoder encoder({EncodeAs::hash, {}, {}, {}});
    Encoded encoded;
    const OneRecord wide("a,b\n1,2\n");
    const OneRecord narrow("a\nx\n", {.format = DumpFormat::csv});
    REQUIRE(encoder.encode(*wide, encoded));
    CHECK(encoded.parts.size() == 4);
    CHECK(encoded.bytes() == 4);
    REQUIRE(encoder.encode(*narrow, encoded));
    CHECK(encoded.parts == std::vector<std::string_view>{"a", "x"});
}

TEST_CASE("the names of the kinds") {
    CHECK(parse_encode_as("zset") == EncodeAs::zset);
    CHECK(parse_encode_as("json") == EncodeAs::json);
    CHECK(parse_encode_as("JSON") == std::nullopt);
    CHECK(parse_encode_as("") == std::nullopt);
}
