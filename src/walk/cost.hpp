// What commands cost a server, in microseconds of the one that was measured (Redis 7.0.15, keys of
// 12 bytes): for planning. How much slower or faster a server is, walk/pace finds out.
#pragma once

#include <cstddef>

namespace cachectl {

/// SCAN … COUNT count.
constexpr double scan_cost(unsigned count) { return 20 + 0.40 * count; }
/// The COUNT that costs so much.
constexpr double scan_count(double cost) { return (cost - 20) / 0.40; }

/// TYPE, PTTL, EXISTS, OBJECT, PEXPIRE, PERSIST: a look-up, and the command around it.
constexpr double k_key_command_cost = 0.8;
/// MEMORY USAGE looks at five elements of what has many.
constexpr double k_memory_usage_cost = 1.2;
/// Of UNLINK, for each key; what is large is freed by another thread.
constexpr double k_unlink_cost = 0.9;
constexpr double k_command_cost = 2;  // of a command with many keys, besides these

/// A command that writes so many bytes.
constexpr double write_cost(std::size_t bytes) { return 1.0 + 0.0004 * static_cast<double>(bytes); }

}  // namespace cachectl
