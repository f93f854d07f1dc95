#include "keyspace/key_filter.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

TEST_CASE("patterns are a union, and an exclusion wins over them") {
    KeyFilter filter;
    CHECK(filter.matches_name("anything"));
    filter.patterns = {"a*", "*z"};
    CHECK(filter.matches_name("ab"));
    CHECK(filter.matches_name("yz"));
    CHECK_FALSE(filter.matches_name("by"));
    filter.excludes = {"*b*", "az"};
    CHECK_FALSE(filter.matches_name("ab"));
    CHECK_FALSE(filter.matches_name("az"));
    CHECK(filter.matches_name("ac"));
    filter.patterns.clear();
    CHECK(filter.matches_name("x"));
    CHECK_FALSE(filter.matches_name("b"));
}

TEST_CASE("times to live: a key that never expires is above every bound and below none") {
    const KeyFacts soon{.ttl = 60s};
    const KeyFacts never{};
    KeyFilter below{.ttl_below = 61s};
    CHECK(below.matches_facts(soon));
    CHECK_FALSE(below.matches_facts(never));
    below.ttl_below = 60s;
    CHECK_FALSE(below.matches_facts(soon));

    KeyFilter above{.ttl_above = 59s};
    CHECK(above.matches_facts(soon));
    CHECK(above.matches_facts(never));
    above.ttl_above = 60s;
    CHECK_FALSE(above.matches_facts(soon));

    const KeyFilter persistent{.only_persistent = true};
    CHECK_FALSE(persistent.matches_facts(soon));
    CHECK(persistent.matches_facts(never));
}

TEST_CASE("type, size and idle time") {
    const KeyFacts key{.type = "hash", .size_bytes = 100, .idle = 30s};
    CHECK(KeyFilter{.type = "hash"}.matches_facts(key));
    CHECK_FALSE(KeyFilter{.type = "set"}.matches_facts(key));
    CHECK(KeyFilter{.type = "set"}.matches_facts({}));  // not asked: SCAN … TYPE has seen to it
    CHECK(KeyFilter{.size_over = 99}.matches_facts(key));
    CHECK_FALSE(KeyFilter{.size_over = 100}.matches_facts(key));
    CHECK(KeyFilter{.idle_over = 29s}.matches_facts(key));
    CHECK_FALSE(KeyFilter{.idle_over = 30s}.matches_facts(key));
    CHECK_FALSE(KeyFilter{.idle_over = 0s}.matches_facts({}));
}

TEST_CASE("a key whose facts cannot be read passes no filter on facts") {
    const KeyFacts odd{.unreadable = true};
    CHECK_FALSE(KeyFilter{.only_persistent = true}.matches_facts(odd));
    CHECK_FALSE(KeyFilter{.ttl_above = 1s}.matches_facts(odd));
    CHECK_FALSE(KeyFilter{.type = "hash"}.matches_facts(odd));
    CHECK_FALSE(KeyFilter{.size_over = 0}.matches_facts(odd));
    CHECK(KeyFilter{.patterns = {"*"}}.matches_facts(odd));
}

TEST_CASE("a filter asks for the facts that it looks at and no others") {
    CHECK_FALSE(KeyFilter{.patterns = {"*"}, .type = "hash"}.facts_needed().any());
    CHECK(KeyFilter{.only_persistent = true}.facts_needed().ttl);
    CHECK(KeyFilter{.ttl_below = 1s}.facts_needed().ttl);
    CHECK(KeyFilter{.ttl_above = 1s}.facts_needed().ttl);
    CHECK_FALSE(KeyFilter{.ttl_above = 1s}.facts_needed().size);
    CHECK(KeyFilter{.idle_over = 1s}.facts_needed().idle);
    CHECK(KeyFilter{.size_over = 1}.facts_needed().size);
}

TEST_CASE("the server matches a single pattern that is neither everything nor costly") {
    CHECK(KeyFilter{}.server_side_match().empty());
    CHECK(KeyFilter{.patterns = {"a*"}}.server_side_match() == "a*");
    CHECK(KeyFilter{.patterns = {"a*"}, .excludes = {"ab"}}.server_side_match() == "a*");
    CHECK(KeyFilter{.patterns = {"a*", "b*"}}.server_side_match().empty());
    CHECK(KeyFilter{.patterns = {"*"}}.server_side_match().empty());
    CHECK(KeyFilter{.patterns = {"**?"}}.server_side_match().empty());
    CHECK(KeyFilter{.patterns = {"*a*b*c*d*e"}}.server_side_match().empty());
}
