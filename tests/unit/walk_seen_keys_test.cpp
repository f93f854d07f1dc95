#include "walk/seen_keys.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

TEST_CASE("keys of earlier rounds are known") {
    SeenKeys seen;
    CHECK(seen.add("a"));
    CHECK(seen.add("b"));
    seen.begin_round();
    CHECK_FALSE(seen.add("a"));
    CHECK_FALSE(seen.add("b"));
    CHECK(seen.add("c"));
    seen.begin_round();
    CHECK_FALSE(seen.add("c"));
    CHECK_FALSE(seen.overflowed());
}

TEST_CASE("more keys than are remembered count as new") {
    SeenKeys seen;
    for (std::size_t i = 0; i < SeenKeys::k_most; ++i) seen.add(std::to_string(i));
    CHECK_FALSE(seen.overflowed());
    CHECK(seen.add("one more"));
    CHECK(seen.overflowed());
    seen.begin_round();
    CHECK_FALSE(seen.add("7"));
    CHECK(seen.add("one more"));
}
