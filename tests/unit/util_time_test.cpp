#include "util/time.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

TEST_CASE("a date is RFC 3339 in UTC, cut to seconds") {
    CHECK(format_utc(WallTime(0ms)) == "1970-01-01T00:00:00Z");
    CHECK(format_utc(WallTime(1'700'000'000'999ms)) == "2023-11-14T22:13:20Z");
    CHECK(format_utc(WallTime(1'709'210'096'000ms)) == "2024-02-29T12:34:56Z");
    CHECK(format_utc(WallTime(-1ms)) == "1969-12-31T23:59:59Z");
    CHECK(format_utc(WallTime(253'402'300'799s)) == "9999-12-31T23:59:59Z");
    CHECK(format_utc(WallTime(253'402'300'800s)) == std::nullopt);
}

TEST_CASE("what a server can hold as a TTL is a moment, however far") {
    const WallTime now(1'700'000'000'000ms);
    CHECK(add_clamped(now, 1s) == WallTime(1'700'000'001'000ms));
    CHECK(add_clamped(now, std::chrono::milliseconds::max()) == WallTime::max());
    CHECK(add_clamped(WallTime(-5ms), std::chrono::milliseconds::max()) ==
          WallTime(std::chrono::milliseconds::max() - 5ms));
    CHECK(format_utc(WallTime::max()) == std::nullopt);
}
