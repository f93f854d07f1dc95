#include "util/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace cachectl {

WallTime add_clamped(WallTime now, std::chrono::milliseconds duration) {
    const bool too_far = duration > WallTime::max() - std::max(now, WallTime());
    return too_far ? WallTime::max() : now + duration;
}

std::string format_utc(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const std::time_t stamp = seconds;
    std::tm parts{};
    if (::gmtime_r(&stamp, &parts) == nullptr) return "?";  // no such year: not from milliseconds
    const std::int64_t year = std::int64_t{parts.tm_year} + 1900;
    return fmt::format("{}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year > 9999 ? "+" : "", year,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace cachectl
