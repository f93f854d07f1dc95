#include "hot/report.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>

using namespace cachectl;

namespace {

HotKey hot_key(std::string name, double score, std::string node = {}) {
    HotKey key{std::move(name), score, {}, std::move(node)};
    key.facts.type = "hash";
    key.facts.size_bytes = 2'048;
    key.facts.ttl = std::chrono::minutes(5);
    key.knows_ttl = true;
    return key;
}

std::string written(const HotKeys& found, Format format) {
    std::string text;
    Writer out(text);
    write_hot_keys(out, {.columns = 0, .glyphs = Glyphs::ascii, .paint = {}}, format, found);
    out.flush();
    return text;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a table says the score in the words of its unit") {
    const auto says = [](const std::string& unit, double score, const std::string& title,
                         const std::string& value) {
        const std::string text =
            written({.unit = unit, .keys = {hot_key("k", score)}}, Format::table);
        CAPTURE(text);
        CHECK(has(text, title));
        CHECK(has(text, value));
    };
    says("share_of_looks", 0.75, "USED AT", "75 %");
    says("lfu_counter", 255, "FREQ", "255");
    says("uses_per_s", 2.5, "USES", "2.5/s");
    says("uses_per_s", 12'345, "USES", "12k/s");
    says("cpu_us_per_s", 4'500, "SERVER TIME", "4.5 ms/s");
}

TEST_CASE("what is not known of a key, and a key that has gone") {
    HotKeys found{.unit = "lfu_counter", .keys = {hot_key("known", 9)}};
    found.keys.push_back({"bare", 5});
    found.keys.push_back({"gone", 3});
    found.keys[2].facts.exists = false;
    CHECK(written(found, Format::table) ==
          "FREQ                            TYPE     SIZE  TTL  KEY\n"
          "   9  ########################  hash  2.0 KiB   5m  known\n"
          "   5  #############             -           -    -  bare\n"
          "   3  ########                  gone        -    -  gone\n");
    CHECK(written(found, Format::csv) ==
          "key,score,unit,type,size_bytes,ttl_ms,node\r\n"
          "known,9,lfu_counter,hash,2048,300000,\r\n"
          "bare,5,lfu_counter,,,-,\r\n"
          "gone,3,lfu_counter,,,,\r\n");
}

TEST_CASE("of a cluster the nodes are named; no keys are no table") {
    const HotKeys found{.unit = "lfu_counter", .keys = {hot_key("k", 9, "10.0.0.1:7000")}};
    CHECK(has(written(found, Format::table), "NODE"));
    CHECK(has(written(found, Format::table), "10.0.0.1:7000"));
    CHECK(written({}, Format::table).empty());
}

TEST_CASE("JSON has a TTL only where there is one, and says whether the list is complete") {
    HotKeys found{.unit = "lfu_counter", .keys = {hot_key("k", 9)}};
    CHECK(has(written(found, Format::json), "\"ttl_ms\": 300000"));
    CHECK(has(written(found, Format::json), "\"complete\": true"));
    found.keys[0].facts.ttl.reset();
    found.failure.emplace(ExitCode::unreachable, "lost");
    CHECK(has(written(found, Format::json), "\"ttl_ms\": null"));
    CHECK(has(written(found, Format::table), "never"));
    CHECK(has(written(found, Format::plain), "never"));
    CHECK(has(written(found, Format::json), "\"complete\": false"));
    found.keys[0].knows_ttl = false;
    CHECK_FALSE(has(written(found, Format::json), "ttl_ms"));
}
