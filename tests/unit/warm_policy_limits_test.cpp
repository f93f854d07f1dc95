#include "warm/policy_limits.hpp"

#include <doctest/doctest.h>

#include "warm/stop.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

std::string warnings;

std::string said(PolicyLimits& limits, std::string_view key, std::size_t bytes,
                 std::optional<std::chrono::milliseconds> ttl) {
    warnings.clear();
    try {
        limits.check(key, bytes, ttl, [](const std::string& text) { warnings += text + '\n'; });
    } catch (const WarmStop& stop) {
        CHECK(stop.code() == ExitCode::guard);
        CHECK(stop.id == "guard-policy");
        return stop.what();
    }
    return warnings;
}

}  // namespace

TEST_CASE("a key may not be larger or live longer than its rule says") {
    PolicyLimits limits({parse_key_policy(R"({"keys": [
{"pattern": "course:*", "max_ttl": "1h", "max_size": "10"},
{"pattern": "free:*"}]})",
                                          "p.json")});
    CHECK(said(limits, "course:1", 10, 1h).empty());
    CHECK(said(limits, "course:1", 11, 1h) ==
          "'course:1' takes 11 B, and its max_size is 10 B; p.json:2 ('course:*')");
    CHECK(said(limits, "course:1", 1, 2h) ==
          "'course:1' would live for 2h, and its max_ttl is 1h; p.json:2 ('course:*')");
    CHECK(said(limits, "course:1", 1, {}) ==
          "'course:1' would never expire, and its max_ttl is 1h; p.json:2 ('course:*')");
    CHECK(said(limits, "free:1", 1 << 30, {}).empty());
    CHECK(said(limits, "other", 1, 1h) == "'other' is of no pattern of p.json");
}

TEST_CASE("unknown keys are what the first policy says of them, if none knows them") {
    const auto first =
        parse_key_policy(R"({"keys": [{"pattern": "a:*"}], "unknown": "warn"})", "1");
    const auto second = parse_key_policy(R"({"keys": [{"pattern": "b:*"}]})", "2");
    PolicyLimits limits({first, second});
    CHECK(said(limits, "b:1", 1, {}).empty());
    for (int i = 0; i < 5; ++i) {
        CHECK(said(limits, "c", 1, {}) == "'c' is of no pattern of 1\n");
    }
    CHECK(said(limits, "c", 1, {}) == "and more keys of none\n");
    CHECK(said(limits, "c", 1, {}).empty());
    PolicyLimits none({});
    CHECK(said(none, "c", 1, {}).empty());
}
