#include "change/expiry_change.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

TEST_CASE("what becomes of a time to live is said exactly") {
    CHECK(describe({ExpiryMode::set, 1h, 0}) == "set to 1h");
    CHECK(describe({ExpiryMode::set, 90061001ms, 0}) == "set to 1d 1h 1m 1s 1ms");
    CHECK(describe({ExpiryMode::set, 1h, 0.1}) == "set to 54m to 1h (1h, jitter 10 %)");
    CHECK(describe({ExpiryMode::cap, 30min, 0}) == "capped at 30m");
    CHECK(describe({ExpiryMode::add, 1500ms, 0}) == "lengthened by 1s 500ms");
    CHECK(describe({ExpiryMode::remove, 0ms, 0}) == "removed: they live for ever");
}

TEST_CASE("a jitter leaves something of a time to live") {
    CHECK(parse_jitter("10%") == 0.1);
    CHECK(parse_jitter("99.9%") < 1);
    CHECK_THROWS_WITH_AS((void)parse_jitter("100%"), "'100%' would make keys expire at once",
                         Error);
}
