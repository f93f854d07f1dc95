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

std::optional<std::string> format_utc(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const std::time_t stamp = seconds;
    std::tm parts{};
    constexpr int k_year_9999 = 9999 - 1900;
    if (::gmtime_r(&stamp, &parts) == nullptr || parts.tm_year > k_year_9999) {
        return std::nullopt;
    }
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace cachectl
