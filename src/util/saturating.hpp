// Sums of numbers that somebody else has said, which may be any.
#pragma once

#include <cstdint>
#include <limits>

namespace cachectl {

/// The sum, or the number nearest to it that there is.
inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) {
        return sum;
    }
    return a < 0 ? std::numeric_limits<std::int64_t>::min()
                 : std::numeric_limits<std::int64_t>::max();
}

}  // namespace cachectl
