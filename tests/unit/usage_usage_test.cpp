#include "usage/usage.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyFacts key(std::string name, std::uint64_t bytes = 100,
             std::optional<std::chrono::milliseconds> ttl = {}) {
    KeyFacts facts;
    facts.key = std::move(name);
    facts.size_bytes = bytes;
    facts.ttl = ttl;
    return facts;
}

using Bytes = std::map<std::string, std::uint64_t>;

Bytes bytes_of(const Usage& usage, unsigned depth) {
    Bytes bytes;
    std::uint64_t sum = 0;
    for (const UsageRow& row : usage.rows(depth)) {
        CHECK(bytes.emplace(row.name, row.amount.bytes).second);
        sum += row.amount.bytes;
    }
    CHECK(sum == usage.total().bytes);  // every key once
    return bytes;
}

}  // namespace

TEST_CASE("keys are counted once at every depth, with empty segments and short names") {
    Usage usage({});
    for (const char* name : {"a:b:c", "a:b", "a", "a::b", "a:", ":x", ":", "", "plain"}) {
        usage.add(key(name));
    }
    CHECK(bytes_of(usage, 1) == Bytes{{"a", 400}, {"", 200}, {"(none)", 300}});
    CHECK(bytes_of(usage, 2) == Bytes{{"a:b", 200},
                                      {"a:", 200},
                                      {":x", 100},
                                      {":", 100},
                                      {"a", 100},
                                      {"plain", 100},
                                      {"", 100}});
}

TEST_CASE("ids are folded, and an id that is the only one is still shown") {
    Usage usage({});
    for (int i = 0; i < 1'000; ++i) {
        usage.add(key("user:" + std::to_string(i) + ":cart"));
    }
    usage.add(key("tmp:2026-11-28:a"));
    const auto rows = usage.rows(3);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "user:<n>:cart");
    CHECK(rows[0].shown == "user:<n>:cart");
    CHECK(rows[0].amount.keys == 1'000);
    CHECK(rows[1].name == "tmp:<date>:a");
    CHECK(rows[1].shown == "tmp:2026-11-28:a");
    CHECK(rows[1].example == "tmp:2026-11-28:a");
}

TEST_CASE("of many children the large ones keep their names, and no key is lost") {
    Usage usage({});
    for (int i = 0; i < 5'000; ++i) {
        usage.add(key("page:name" + std::string(1, char('a' + i % 26)) + std::to_string(i) + "x"));
        usage.add(key("page:index:" + std::to_string(i)));
    }
    const Bytes rows = bytes_of(usage, 2);
    CHECK(rows.size() <= 260);
    CHECK(rows.at("page:index") == 500'000);
    CHECK(rows.at("page:<id>") == 500'000);
}

TEST_CASE("the 1,001st namespace is another one, and a million names are bounded") {
    Usage usage({});
    for (int i = 0; i < 200'000; ++i) {
        const std::string a = "ns" + std::to_string(i % 3'000) + "x";
        usage.add(key(a + ":b" + std::to_string(i) + "y:c" + std::to_string(i % 7) + "z:d"));
    }
    const Bytes rows = bytes_of(usage, 1);
    CHECK(rows.size() == 1'001);
    CHECK(rows.contains("(other)"));
    bytes_of(usage, 4);
}

TEST_CASE("of a name of a megabyte a part is kept") {
    Usage usage({.largest = 0});
    for (const char end : {'a', 'b'}) {
        usage.add(key("x:" + std::string(1'000'000, 'n') + end));
    }
    const auto rows = usage.rows(2);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].amount.keys == 2);
    CHECK(rows[0].name == "x:" + std::string(200, 'n') + "<id>");
    CHECK(rows[0].example.size() == 202);
}

TEST_CASE("what is called like the gathered rows is told apart from them") {
    Usage usage({});
    usage.add(key("(none):a"));
    usage.add(key("(other):a"));
    usage.add(key("x"));
    CHECK(bytes_of(usage, 1) == Bytes{{"\\x28none)", 100}, {"\\x28other)", 100}, {"(none)", 100}});
}

TEST_CASE("the largest keys, whatever their order") {
    Usage usage({.largest = 3});
    for (const std::uint64_t size : {5, 900, 20, 700, 800, 1, 900}) {
        usage.add(key(
            "k:" + std::to_string(size) + (size == 900 ? std::to_string(usage.total().keys) : ""),
            size));
    }
    const auto largest = usage.largest();
    REQUIRE(largest.size() == 3);
    CHECK(largest[0].bytes == 900);
    CHECK(largest[1].bytes == 900);
    CHECK(largest[2].key == "k:800");
    usage.reset();
    CHECK(usage.largest().empty());
    CHECK(usage.total().keys == 0);
    CHECK(usage.rows(1).empty());
}

TEST_CASE("sizes that are not told are counted as such") {
    Usage usage({});
    KeyFacts unknown;
    unknown.key = "a:1";
    usage.add(unknown);
    CHECK(usage.lacks_sizes());
    usage.add(key("a:2", 50, 1s));
    CHECK_FALSE(usage.lacks_sizes());
    CHECK(usage.total().unsized == 1);
    CHECK(usage.total().persistent == 1);
    CHECK(usage.total().bytes == 50);
}

TEST_CASE("of a sample, what is unfiltered stands for all keys") {
    Usage usage({.of_all = true});
    for (int i = 0; i < 100; ++i) {
        usage.add(key(i % 4 == 0 ? "a:1" : "b:1", 10));
    }
    SampleOutcome sample;
    sample.population = 10'000;
    sample.drawn = 100;
    usage.scale(sample);
    CHECK(usage.keys_of(usage.total()).low == 10'000);
    CHECK(usage.bytes_of(usage.total()).value == doctest::Approx(100'000));
    const auto rows = usage.rows(1);
    CHECK(usage.keys_of(rows[1].amount).value == doctest::Approx(2'500));
    CHECK(usage.keys_of(rows[1].amount).low < 2'000);
    CHECK(usage.bytes_of(rows[1].amount).high > 25'000);
}

TEST_CASE("a namespace that all of the sample is of may not be all there is") {
    Usage usage({.of_all = true});
    for (int i = 0; i < 10'000; ++i) {
        usage.add(key("a:1", 10));
    }
    SampleOutcome sample;
    sample.population = 1'000'000;
    sample.drawn = 10'000;
    usage.scale(sample);
    CHECK(usage.keys_of(usage.total()).low == 1'000'000);
    const auto rows = usage.rows(1);
    REQUIRE(rows.size() == 1);
    // With 95 % probability at most about 370 of a million keys are of others.
    CHECK(usage.keys_of(rows[0].amount).low < 999'700);
    CHECK(usage.keys_of(rows[0].amount).low > 999'000);
    CHECK(usage.bytes_of(rows[0].amount).low < 9'997'000);
    CHECK(usage.bytes_of(rows[0].amount).value == doctest::Approx(10'000'000));
}

TEST_CASE("percentiles of the time to live, within 5 %") {
    Usage usage({.ttls = true});
    for (int i = 1; i <= 1'000; ++i) {
        usage.add(key("a:x", 1, std::chrono::seconds(i)));
    }
    const auto rows = usage.rows(1);
    REQUIRE(rows[0].node != nullptr);
    const auto median = rows[0].node->ttls.percentile(0.5);
    REQUIRE(median);
    CHECK(double(median->count()) == doctest::Approx(500'000).epsilon(0.05));
    CHECK_FALSE(TtlSketch().percentile(0.5));
}
