// Dates as they are written for people and for programs.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace cachectl {

/// The wall clock, in the servers' unit, which reaches further than the system clock's.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// `now + duration`, or the last moment there is.
WallTime add_clamped(WallTime now, std::chrono::milliseconds duration);

/// RFC 3339 in UTC, cut to seconds: "2023-11-14T22:13:20Z". Nothing beyond the year 9999, of which
/// it knows no dates.
std::optional<std::string> format_utc(WallTime time);

}  // namespace cachectl
