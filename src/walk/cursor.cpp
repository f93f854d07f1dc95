#include "walk/cursor.hpp"

#include <charconv>
#include <cstdint>

namespace cachectl {

std::optional<double> fraction_walked(std::string_view cursor) {
    std::uint64_t bits = 0;
    const auto parsed = std::from_chars(cursor.data(), cursor.data() + cursor.size(), bits);
    if (parsed.ec != std::errc() || parsed.ptr != cursor.data() + cursor.size()) return {};
    if (bits == 0) return 1.0;  // zero is what ends a walk
    std::uint64_t reversed = 0;
    for (int i = 0; i < 64; ++i, bits >>= 1) reversed = reversed << 1 | (bits & 1);
    return static_cast<double>(reversed) / 0x1p64;
}

}  // namespace cachectl
