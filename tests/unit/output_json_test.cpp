#include "output/json.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

using namespace cachectl;
using namespace std::string_view_literals;

namespace {
std::string written(JsonLayout layout, const std::function<void(JsonWriter&)>& write) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, layout);
    write(json);
    return text;
}

template <typename T>
std::string compact(const T& value) {
    return written(JsonLayout::compact, [&](JsonWriter& json) { json.value(value); });
}

std::string key_fields(std::string_view key) {
    return written(JsonLayout::compact, [&](JsonWriter& json) {
        json.begin_object();
        json.bytes_field("key", key);
        json.end_object();
    });
}

void write_stats(JsonWriter& json) {
    json.begin_object();
    json.key("memory");
    json.begin_object();
    json.field("used_bytes", 1024);
    json.field("policy", "noeviction");
    json.end_object();
    json.key("keyspace");
    json.begin_array();
    for (const int db : {0, 5}) {
        json.begin_object();
        json.field("db", db);
        json.field("avg_ttl_ms", std::optional<int>());
        json.key("tags");
        json.begin_array();
        json.value("a");
        json.value("b");
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.key("nodes");
    json.begin_array();
    json.end_array();
    json.key("errors");
    json.begin_object();
    json.end_object();
    json.field("complete", true);
    json.end_object();
}
}  // namespace

TEST_CASE("JSON scalars") {
    CHECK(compact(nullptr) == "null\n");
    CHECK(compact(true) == "true\n");
    CHECK(compact(false) == "false\n");
    CHECK(compact(0) == "0\n");
    CHECK(compact(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808\n");
    CHECK(compact(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615\n");
    CHECK(compact(std::optional<int>(7)) == "7\n");
    CHECK(compact(std::optional<int>()) == "null\n");
    CHECK(compact(std::string("text")) == "\"text\"\n");
    CHECK(compact("literal") == "\"literal\"\n");
}

TEST_CASE("JSON numbers read back as the same number, and what is none is null") {
    CHECK(compact(0.5) == "0.5\n");
    CHECK(compact(0.1 + 0.2) == "0.30000000000000004\n");
    CHECK(compact(1e300) == "1e+300\n");
    CHECK(compact(-0.25F) == "-0.25\n");
    CHECK(compact(std::numeric_limits<double>::quiet_NaN()) == "null\n");
    CHECK(compact(std::numeric_limits<double>::infinity()) == "null\n");
}

TEST_CASE("JSON strings are escaped") {
    CHECK(compact("say \"hi\" \\ / ok") == R"("say \"hi\" \\ / ok")"
                                           "\n");
    CHECK(compact("\n\r\t") == R"("\n\r\t")"
                               "\n");
    CHECK(compact("\0\x07\x08\x1b\x1f\x7f"sv) == R"("\u0000\u0007\u0008\u001b\u001f\u007f")"
                                                 "\n");
    CHECK(compact("漢字 é e\xcc\x81 😀") == "\"漢字 é e\xcc\x81 😀\"\n");
}

TEST_CASE("JSON cannot send a terminal what it would act on") {
    CHECK(compact("\u009b31m") == R"("\u009b31m")"
                                  "\n");
    CHECK(compact("a\u202egnp\u2066\u200f\u2028") == R"("a\u202egnp\u2066\u200f\u2028")"
                                                     "\n");
    CHECK(compact("\U000e0041") == R"("\udb40\udc41")"
                                   "\n");
}

TEST_CASE("invalid UTF-8 becomes one U+FFFD for each maximal subpart") {
    CHECK(compact("a\xff"
                  "b") == "\"a\uFFFDb\"\n");
    CHECK(compact("\xc0\xaf") == "\"\uFFFD\uFFFD\"\n");
    CHECK(compact("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"\n");
    CHECK(compact("\xf0\x9f\x98") == "\"\uFFFD\"\n");
    CHECK(compact("\xe6\xbc!") == "\"\uFFFD!\"\n");
    // The example of the Unicode standard, table 3-8.
    CHECK(compact("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64") ==
          "\"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd\"\n");
}

TEST_CASE("a key that is not UTF-8 has its exact bytes beside it") {
    CHECK(key_fields("user:1") == "{\"key\":\"user:1\"}\n");
    CHECK(key_fields("漢字\x1b") == "{\"key\":\"漢字\\u001b\"}\n");
    CHECK(key_fields("\xff\xfe\0\xfb"sv) ==
          "{\"key\":\"\uFFFD\uFFFD\\u0000\uFFFD\",\"key_base64\":\"//4A+w==\"}\n");
}

TEST_CASE("in lines, fields and elements have their own line, and each element only one") {
    CHECK(written(JsonLayout::lines, write_stats) == R"({
  "memory": {
    "used_bytes": 1024,
    "policy": "noeviction"
  },
  "keyspace": [
    {"db": 0, "avg_ttl_ms": null, "tags": ["a", "b"]},
    {"db": 5, "avg_ttl_ms": null, "tags": ["a", "b"]}
  ],
  "nodes": [],
  "errors": {},
  "complete": true
}
)");
}

TEST_CASE("compact JSON has no white space") {
    CHECK(written(JsonLayout::compact, write_stats) ==
          R"({"memory":{"used_bytes":1024,"policy":"noeviction"},)"
          R"("keyspace":[{"db":0,"avg_ttl_ms":null,"tags":["a","b"]},)"
          R"({"db":5,"avg_ttl_ms":null,"tags":["a","b"]}],"nodes":[],"errors":{},"complete":true})"
          "\n");
}

TEST_CASE("compact values one after another are NDJSON") {
    CHECK(written(JsonLayout::compact, [](JsonWriter& json) {
              for (const char* key : {"a", "b"}) {
                  json.begin_object();
                  json.field("key", key);
                  json.end_object();
              }
          }) == "{\"key\":\"a\"}\n{\"key\":\"b\"}\n");
}

TEST_CASE("an array at the top has one element a line") {
    const auto keys = [](std::initializer_list<const char*> names) {
        return written(JsonLayout::lines, [&](JsonWriter& json) {
            json.begin_array();
            for (const char* name : names) {
                json.begin_object();
                json.bytes_field("key", name);
                json.field("ttl_ms", nullptr);
                json.end_object();
            }
            json.end_array();
        });
    };
    CHECK(keys({}) == "[]\n");
    CHECK(keys({"a"}) == "[\n  {\"key\": \"a\", \"ttl_ms\": null}\n]\n");
    CHECK(keys({"a", "b"}) ==
          "[\n  {\"key\": \"a\", \"ttl_ms\": null},\n  {\"key\": \"b\", \"ttl_ms\": null}\n]\n");
}

TEST_CASE("a parser gets back every string of valid UTF-8") {
    for (const std::string_view text :
         {"\0\x01\x1f\"\\/\x7f"sv, "\u0080\u2028\ufeff\U000e0041"sv, "漢字 👩\u200d🚀 e\xcc\x81"sv}) {
        CHECK(nlohmann::json::parse(compact(text)).get<std::string>() == text);
    }
}
