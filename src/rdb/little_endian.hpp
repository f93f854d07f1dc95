// Numbers as RDB files have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cachectl {

/// Of at most 8 bytes.
inline std::uint64_t little_endian_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return number;
}

inline void append_little_endian(std::string& text, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        text += static_cast<char>(number >> (8 * i));
    }
}

}  // namespace cachectl
