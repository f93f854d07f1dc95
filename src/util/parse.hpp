// The values people type: durations, sizes, counts, ranges and percentages.
//
// All of them are strict: the whole text must be the value, in ASCII, without spaces. What is not
// is Error(usage), whose message quotes the text and says what would have been taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

namespace cachectl {

/// No duration that makes sense is longer, and up to here `now + duration` cannot overflow in any
/// of the standard clocks, nor in PEXPIRE.
constexpr std::chrono::milliseconds k_longest_duration = std::chrono::hours(36500 * 24);

/// "500ms", "30s", "5m", "2h", "7d", and largest unit first "1h30m"; "0" needs no unit.
/// At most k_longest_duration.
std::chrono::milliseconds parse_duration(std::string_view text);

/// Bytes: "512", "10KiB", "1MiB", "2GB". KB, MB, GB, TB are powers of 1000; KiB … TiB, and K … T
/// alone, powers of 1024, as in GNU coreutils. Upper and lower case are the same.
std::uint64_t parse_size(std::string_view text);

/// Digits and nothing else. `what` names the option in the message: "--limit".
std::uint64_t parse_count(std::string_view text, std::string_view what);

/// The same, of which there must be one at least: to do nothing, one does not call.
std::uint64_t parse_positive_count(std::string_view text, std::string_view what);

struct CountRange {
    std::uint64_t min = 0;
    std::uint64_t max = std::numeric_limits<std::uint64_t>::max();

    [[nodiscard]] bool contains(std::uint64_t n) const { return min <= n && n <= max; }
    friend bool operator==(const CountRange&, const CountRange&) = default;
};

/// "10..500", "10..", "..500", or "500" for exactly that many.
CountRange parse_count_range(std::string_view text);

/// "10%" is 0.10; "2.5%" is taken too. From 0 % to 100 %.
double parse_percent(std::string_view text);

}  // namespace cachectl
