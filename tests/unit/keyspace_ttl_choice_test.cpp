#include "keyspace/ttl_choice.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

KeyPolicy policy(std::string_view text) { return parse_key_policy(text, "policy.json"); }

}  // namespace

TEST_CASE("without a ttl and without a policy keys live for ever") {
    TtlChoice choice(std::nullopt, {}, 0);
    CHECK_FALSE(choice.for_key("a").has_value());
    CHECK_FALSE(choice.may_expire());
}

TEST_CASE("the policy's first rule for the key gives the ttl") {
    TtlChoice choice(std::nullopt, {policy(R"({"keys": [{"pattern": "a:*", "ttl": "1h"},
                                          {"pattern": "a:b:*", "ttl": "2h"},
                                          {"pattern": "c:*"}]})")},
                     0);
    CHECK(choice.for_key("a:b:1") == 1h);
    CHECK_FALSE(choice.for_key("c:1").has_value());
    CHECK_FALSE(choice.for_key("d").has_value());
    CHECK(choice.may_expire());
}

TEST_CASE("a second policy says what the first leaves open") {
    TtlChoice choice(std::nullopt,
                     {policy(R"({"keys": [{"pattern": "a:*", "ttl": "1h"}]})"),
                      policy(R"({"keys": [{"pattern": "*", "ttl": "5m"}]})")},
                     0);
    CHECK(choice.for_key("a:1") == 1h);
    CHECK(choice.for_key("b:1") == 5min);
}

TEST_CASE("a ttl of the user wins over the policy") {
    TtlChoice choice(30s, {policy(R"({"keys": [{"pattern": "*", "ttl": "5m"}]})")}, 0);
    CHECK(choice.for_key("a") == 30s);
}

TEST_CASE("jitter shortens, evenly and never beyond its share") {
    TtlChoice choice(100s, {}, 0.10, 7);
    std::int64_t least = 100'000;
    std::int64_t most = 0;
    std::int64_t sum = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::int64_t ms = choice.for_key("a")->count();
        least = std::min(least, ms);
        most = std::max(most, ms);
        sum += ms;
    }
    CHECK(least >= 90'000);
    CHECK(least < 90'100);
    CHECK(most <= 100'000);
    CHECK(most > 99'900);
    CHECK(sum / 10'000 > 94'800);
    CHECK(sum / 10'000 < 95'200);
}

TEST_CASE("a ttl never becomes nothing") {
    TtlChoice choice(1ms, {}, 1.0, 7);
    for (int i = 0; i < 100; ++i) {
        CHECK(choice.for_key("a") == 1ms);
    }
}
