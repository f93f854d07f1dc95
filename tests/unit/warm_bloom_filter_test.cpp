#include "warm/bloom_filter.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

TEST_CASE("a key that has come before is always known") {
    BloomFilter filter;
    int known = 0;
    for (int i = 0; i < 100'000; ++i) {
        known += filter.add(filter.hash("course:" + std::to_string(i))) ? 1 : 0;
    }
    CHECK(known <= 1);  // by mistake
    for (int i = 0; i < 100'000; ++i) {
        REQUIRE(filter.add(filter.hash("course:" + std::to_string(i))));
    }
}
