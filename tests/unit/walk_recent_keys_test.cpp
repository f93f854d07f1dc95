#include "walk/recent_keys.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

TEST_CASE("keys are remembered for a while, and memory is bounded by forgetting the oldest") {
    RecentKeys keys;
    CHECK(keys.add("first"));
    CHECK_FALSE(keys.add("first"));
    for (std::size_t i = 0; i + 1 < RecentKeys::k_remembered; ++i) {
        CHECK(keys.add(std::to_string(i)));
    }
    CHECK_FALSE(keys.add("first"));
    CHECK_FALSE(keys.add("0"));
    for (std::size_t i = 0; i < RecentKeys::k_remembered; ++i) {
        CHECK(keys.add("other " + std::to_string(i)));
    }
    CHECK(keys.add("first"));
}
