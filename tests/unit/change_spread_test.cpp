#include "change/spread.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace cachectl;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

KeyFacts key_of(int number, std::optional<std::chrono::seconds> idle = std::nullopt) {
    KeyFacts key;
    key.key = "k:" + std::to_string(number);
    key.idle = idle;
    return key;
}

}  // namespace

TEST_CASE("times lie within the span, spread evenly, and a key's own does not change") {
    SpreadTimes times(10s);
    std::vector<milliseconds> drawn;
    for (int i = 0; i < 10'000; ++i) {
        drawn.push_back(times.of(key_of(i)));
        CHECK(times.of(key_of(i)) == drawn.back());
    }
    std::sort(drawn.begin(), drawn.end());
    CHECK(drawn.front() >= 1ms);
    CHECK(drawn.back() <= 10s);
    CHECK(drawn[5'000] > 4'700ms);
    CHECK(drawn[5'000] < 5'300ms);
}

TEST_CASE("of a span of a millisecond there is one time") {
    SpreadTimes times(1ms);
    CHECK(times.of(key_of(1)) == 1ms);
    CHECK(times.of(key_of(2, 100s)) == 1ms);
}

TEST_CASE("those that nobody has used for long go first") {
    SpreadTimes times(100s);
    for (int i = 0; i < 5'000; ++i) {
        (void)times.of(key_of(i, std::chrono::seconds((i * 37) % 1'000)));
    }
    CHECK(times.of(key_of(1, 990s)) < 5s);
    CHECK(times.of(key_of(1, 500s)) > 40s);
    CHECK(times.of(key_of(1, 500s)) < 60s);
    CHECK(times.of(key_of(1, 5s)) > 95s);
}

TEST_CASE("where all were used at the same time, they are spread as if nothing was known") {
    SpreadTimes times(10s);
    std::vector<milliseconds> drawn;
    for (int i = 0; i < 3'000; ++i) {
        drawn.push_back(times.of(key_of(i, 0s)));
    }
    std::sort(drawn.begin(), drawn.end());
    CHECK(drawn[1'500] > 4'500ms);
    CHECK(drawn[1'500] < 5'500ms);
}

TEST_CASE("those who come late are in the sample as well") {
    SpreadTimes times(100s);
    for (int i = 0; i < 20'000; ++i) {
        (void)times.of(key_of(i, i < 1'000 ? 10s : 900s));
    }
    // A twentieth of them was used more recently. By chance it is a tenth once in 10^11 runs.
    CHECK(times.of(key_of(1, 500s)) > 90s);
    CHECK(times.of(key_of(1, 500s)) < 100s);
}
