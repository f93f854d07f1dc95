#include "walk/seen_keys.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

using namespace cachectl;

namespace {

std::uint64_t shift_mix(std::uint64_t v) { return v ^ (v >> 47); }

/// Two names of which libstdc++'s std::hash, which is MurmurHash64A with a seed that everyone knows
/// (hash_bytes.cc), makes the same.
std::pair<std::string, std::string> murmur_twins() {
    constexpr std::uint64_t k_mul = 0xc6a4a7935bd1e995, k_inverse = 0x5f7a0ea7e59b19bd;
    static_assert(k_mul * k_inverse == 1);
    const auto mixed = [](std::uint64_t block) { return shift_mix(block * k_mul) * k_mul; };
    const auto unmixed = [](std::uint64_t value) {
        return shift_mix(value * k_inverse) * k_inverse;
    };
    const std::uint64_t start = 0xc70f6907 ^ (16 * k_mul);
    const auto after_first = [&](std::uint64_t block) { return (start ^ mixed(block)) * k_mul; };
    const auto name = [](std::uint64_t first, std::uint64_t second) {
        const std::uint64_t blocks[] = {first, second};
        std::string text(sizeof blocks, 0);
        std::memcpy(text.data(), blocks, sizeof blocks);
        return text;
    };
    return {name(1, 2), name(3, unmixed(after_first(1) ^ after_first(3) ^ mixed(2)))};
}

}  // namespace

TEST_CASE("nobody can choose a name that hides another key") {
    const auto [one, other] = murmur_twins();
    REQUIRE(one != other);
    SeenKeys seen;
    seen.note(one);
    seen.begin_pass();
    CHECK(seen.has(one));
    CHECK_FALSE(seen.has(other));
}

TEST_CASE("keys of earlier passes are known") {
    SeenKeys seen;
    seen.note("a");
    seen.note("b");
    CHECK_FALSE(seen.has("a"));
    seen.begin_pass();
    CHECK(seen.has("a"));
    CHECK(seen.has("b"));
    CHECK_FALSE(seen.has("c"));
    seen.note("c");
    seen.begin_pass();
    CHECK(seen.has("c"));
    CHECK_FALSE(seen.overflowed());
}

TEST_CASE("keys that may come twice in a pass are known at once") {
    SeenKeys seen;
    CHECK(seen.note("a", SeenKeys::Counts::at_once));
    CHECK(seen.has("a"));
    CHECK_FALSE(seen.note("a", SeenKeys::Counts::at_once));
    CHECK(seen.note("b"));
    seen.begin_pass();
    CHECK_FALSE(seen.note("a"));
    CHECK_FALSE(seen.note("b"));
}

TEST_CASE("more keys than are remembered count as new") {
    SeenKeys seen;
    for (std::size_t i = 0; i < SeenKeys::k_most; ++i) {
        seen.note(std::to_string(i));
    }
    CHECK_FALSE(seen.overflowed());
    seen.note("one more");
    CHECK(seen.overflowed());
    seen.begin_pass();
    CHECK(seen.has("7"));
    CHECK_FALSE(seen.has("one more"));
}
