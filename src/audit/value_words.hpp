// Durations and sizes as a policy or a command line has them, and counts in sentences.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cachectl {

/// "1h30m", "7d", "250ms": what parse_duration() reads back as the same.
std::string duration_word(std::chrono::milliseconds duration);

/// "8MiB", "1536KiB", "100": what parse_size() reads back as the same.
std::string size_word(std::uint64_t bytes);

/// "1 key", "22,384 keys"
std::string counted(std::uint64_t n, std::string_view one, std::string_view several);

}  // namespace cachectl
