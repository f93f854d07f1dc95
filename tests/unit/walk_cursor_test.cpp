#include "walk/cursor.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("a cursor's bits, reversed, are how far the walk has come") {
    CHECK(fraction_walked("1") == 0.5);  // the lowest bit counts for half
    CHECK(fraction_walked("2") == 0.25);
    CHECK(fraction_walked("3") == 0.75);
    CHECK(fraction_walked("1024") == 1.0 / 2048);
    CHECK(fraction_walked("9223372036854775808") == 0x1p-64);  // the highest for next to nothing
    CHECK(fraction_walked("18446744073709551615") == 1.0);
}

TEST_CASE("zero is what a walk ends with") { CHECK(fraction_walked("0") == 1.0); }

TEST_CASE("a cursor that is no number tells nothing") {
    CHECK_FALSE(fraction_walked(""));
    CHECK_FALSE(fraction_walked("_key"));
    CHECK_FALSE(fraction_walked("12x"));
    CHECK_FALSE(fraction_walked("-1"));
    CHECK_FALSE(fraction_walked(" 1"));
    CHECK_FALSE(fraction_walked("18446744073709551616"));
}
