// What the keys of a sample tell of the health of a cache.
#include "health/key_tally.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace cachectl;

namespace {

KeyFacts key(const std::string& name, std::uint64_t bytes, std::int64_t ttl_s = 0) {
    KeyFacts facts;
    facts.key = name;
    facts.size_bytes = bytes;
    if (ttl_s > 0) {
        facts.ttl = std::chrono::seconds(ttl_s);
    }
    return facts;
}

std::shared_ptr<const KeyPolicy> policy(const std::string& rules) {
    return std::make_shared<const KeyPolicy>(
        parse_key_policy("{\"keys\": [" + rules + "]}", "policy.json"));
}

}  // namespace

TEST_CASE("the namespace that has most of what never expires, and how much that is of all") {
    KeyTally tally(nullptr, {"sess:*"});
    for (int i = 0; i < 10; ++i) {
        tally.add(key("tmp:" + std::to_string(i), 1000));
        tally.add(key("cache:" + std::to_string(i), 100));
        tally.add(key("live:" + std::to_string(i), 5000, 60));
        tally.add(key("sess:" + std::to_string(i), 9000));
    }
    tally.population = 4000;
    const auto most = tally.most_without_ttl();
    REQUIRE(most);
    CHECK(most->name == "tmp");  // protected keys are none to expire
    CHECK(tally.of_all(most->bytes) == 1'000'000);
    CHECK(tally.never_expire == 30);
    CHECK(tally.protected_keys == 10);
    CHECK(tally.protected_example == "sess:0");
}

TEST_CASE("with TTLs in the policy, only the keys of these rules should expire") {
    KeyTally tally(policy(R"({"pattern": "a:*", "ttl": "1h"}, {"pattern": "*"})"), {});
    tally.add(key("a:1", 10));
    tally.add(key("a:2", 10, 60));
    tally.add(key("b:1", 10));
    CHECK(tally.should_expire == 2);
    CHECK(tally.never_expire == 1);
}

TEST_CASE("a key is big by its bytes, by its elements, or by its rule") {
    KeyTally tally(policy(R"({"pattern": "small:*", "max_size": "1KiB"},
                             {"pattern": "large:*", "max_size": "1GiB"}, {"pattern": "*"})"),
                   {});
    tally.add(key("small:a", 2000));
    tally.add(key("large:a", 5'000'000));
    tally.add(key("other:bytes", 2'000'000));
    tally.add(key("other:many", 100'000));
    tally.add(key("other:few", 100'000));
    std::vector<BigKey> counted = tally.worth_counting();
    CHECK(counted.size() == 4);
    for (BigKey& big : counted) {
        big.elements = big.key == "other:many" ? 20'000 : 10;
    }
    tally.set_big(counted);
    std::vector<std::string> names;
    for (const BigKey& big : tally.big) {
        names.push_back(big.key);
    }
    CHECK(names == std::vector<std::string>{"other:bytes", "other:many", "small:a"});
}

TEST_CASE("the steepest minute of expiry") {
    KeyTally tally(nullptr, {});
    for (int i = 0; i < 50; ++i) {
        tally.add(key("a:" + std::to_string(i), 1, 1000 + i));
        tally.add(key("b:" + std::to_string(i), 1, 5000 + 60 * i));
    }
    CHECK(tally.steepest().keys == 50);
    CHECK(tally.steepest().in == std::chrono::seconds(1000));
    tally.clear();
    CHECK(tally.steepest().keys == 0);
    CHECK(tally.looked_at == 0);
}

TEST_CASE("counts that no server has do not overflow") {
    KeyTally tally(nullptr, {});
    tally.add(key("a:1", ~std::uint64_t{0}));
    tally.population = ~std::uint64_t{0};
    CHECK(tally.of_all(tally.bytes) == 1'000'000'000'000'000'000);
}
