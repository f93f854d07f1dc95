#include "warm/key_ranges.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

using Map = std::map<std::uint64_t, std::uint64_t>;

}  // namespace

TEST_CASE("keys that are done one after the other are one range") {
    KeyRanges keys;
    CHECK_FALSE(keys.contains(0));
    for (std::uint64_t i = 0; i < 1000; ++i) {
        keys.add(i);
    }
    CHECK(keys.ranges() == Map{{0, 1000}});
    CHECK(keys.contains(0));
    CHECK(keys.contains(999));
    CHECK_FALSE(keys.contains(1000));
}

TEST_CASE("gaps stay, and are filled") {
    KeyRanges keys;
    keys.add(0, 10);
    keys.add(12);
    keys.add(20, 30);
    CHECK(keys.ranges() == Map{{0, 10}, {12, 13}, {20, 30}});
    CHECK_FALSE(keys.contains(10));
    CHECK(keys.contains(12));
    CHECK_FALSE(keys.contains(13));
    keys.add(10);
    keys.add(11);
    keys.add(13, 25);
    CHECK(keys.ranges() == Map{{0, 30}});
}

TEST_CASE("ranges that meet later ones take them in") {
    KeyRanges keys;
    keys.add(5, 9);
    keys.add(2, 12);
    CHECK(keys.ranges() == Map{{2, 12}});
    keys.add(3, 3);
    keys.add(0, 1);
    CHECK(keys.ranges() == Map{{0, 1}, {2, 12}});
}
