// Dates as they are written for people and for programs.
#pragma once

#include <chrono>
#include <string>

namespace cachectl {

/// The wall clock, in the servers' unit, which reaches further than the system clock's.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// `now + duration`, or the last moment there is.
WallTime add_clamped(WallTime now, std::chrono::milliseconds duration);

/// ISO 8601 in UTC, cut to seconds: "2023-11-14T22:13:20Z". Years beyond 9999 have a sign
/// ("+12345-…"), as the standard wants it.
std::string format_utc(WallTime time);

}  // namespace cachectl
