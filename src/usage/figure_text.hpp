// Sizes and counts that have been worked out, as people read them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "util/text.hpp"

namespace cachectl {

inline std::uint64_t rounded(double value) {
    return static_cast<std::uint64_t>(std::max(0.0, std::round(value)));
}

/// "134.6 MiB"
template <typename Number>
std::string size_text(Number bytes) {
    return format_size(rounded(static_cast<double>(bytes)));
}

/// "22,384"
template <typename Number>
std::string count_text(Number keys) {
    return format_count(rounded(static_cast<double>(keys)));
}

}  // namespace cachectl
