#include "keyspace/sum.hpp"

#include <doctest/doctest.h>

#include "keyspace/namespaces.hpp"
#include "keyspace/ttl_histogram.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyFacts key(const std::string& name, std::optional<std::chrono::milliseconds> ttl) {
    KeyFacts facts;
    facts.key = name;
    facts.ttl = ttl;
    return facts;
}

}  // namespace

TEST_CASE("a sum takes back what was added before a walk began anew") {
    TtlHistogram ttls;
    NamespaceCounter namespaces(":");
    for (Sum* sum : {static_cast<Sum*>(&ttls), static_cast<Sum*>(&namespaces)}) {
        sum->add(key("a:1", 30s));
        sum->add(key("b", std::nullopt));
        sum->reset();
        sum->add(key("c:1", 2h));
    }
    CHECK(ttls.keys() == 1);
    CHECK(ttls.persistent() == 0);
    CHECK(ttls.min() == 2h);
    CHECK(ttls.buckets()[0].keys == 0);
    CHECK(namespaces.total() == 1);
    REQUIRE(namespaces.rows().size() == 1);
    CHECK(namespaces.rows()[0].name == "c");
}

TEST_CASE("the counts of a sample are estimates for all keys, with their 95 % interval") {
    TtlHistogram ttls;
    for (int i = 0; i < 100; ++i) {
        ttls.add(key("k", i < 50 ? std::optional(1000ms) : std::nullopt));
    }
    CHECK(ttls.count(50).keys == 50);
    CHECK_FALSE(ttls.count(50).interval);
    SampleOutcome sample;
    sample.drawn = 100;
    sample.population = 10'000;
    ttls.scale(sample);
    const Count half = ttls.count(ttls.expiring());
    CHECK(half.keys == 5'000);
    REQUIRE(half.interval);
    CHECK(half.interval->first < 4'500);
    CHECK(half.interval->second > 5'500);
    CHECK(ttls.count(ttls.keys()).keys == 10'000);
}
