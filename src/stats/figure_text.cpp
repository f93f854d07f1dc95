#include "stats/figure_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "util/text.hpp"

namespace cachectl {

std::string format_wait(std::chrono::microseconds time) {
    const double ms = static_cast<double>(std::max<std::int64_t>(0, time.count())) / 1'000;
    if (ms < 99.95) {
        return fmt::format("{:.1f} ms", ms);
    }
    if (ms < 999.5) {
        return fmt::format("{:.0f} ms", ms);
    }
    if (ms < 59'950) {
        return fmt::format("{:.1f} s", ms / 1'000);
    }
    return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(time));
}

std::string format_per_second(double per_second) {
    constexpr double k_most = 1e15;
    const double rate = std::isfinite(per_second) ? std::clamp(per_second, 0.0, k_most) : 0;
    const bool is_small = rate > 0 && rate < 9.95 && std::abs(rate - std::round(rate)) >= 0.05;
    return is_small ? fmt::format("{:.1f}/s", rate)
                    : format_count(static_cast<std::uint64_t>(std::llround(rate))) + "/s";
}

std::string format_bytes_per_second(double per_second) {
    constexpr double k_most = 1e18;
    const double rate = std::isfinite(per_second) ? std::clamp(per_second, 0.0, k_most) : 0;
    return format_size(static_cast<std::uint64_t>(rate)) + "/s";
}

std::string format_share(double share) { return fmt::format("{:.1f} %", share * 100); }

}  // namespace cachectl
