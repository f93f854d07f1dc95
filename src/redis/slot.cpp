#include "redis/slot.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

constexpr std::size_t k_shown_ranges = 10;

// CRC-16/XMODEM: polynomial 0x1021, starts at 0, nothing reflected.
constexpr std::array<std::uint16_t, 256> make_crc_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

constexpr auto k_crc_table = make_crc_table();

std::string_view hashed_part(std::string_view key) {
    const auto open = key.find('{');
    if (open == std::string_view::npos) {
        return key;
    }
    const auto close = key.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1) {
        return key;
    }
    return key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
    unsigned crc = 0;
    for (const char c : hashed_part(key)) {
        const auto index = ((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xff;
        crc = ((crc << 8) ^ k_crc_table[index]) & 0xffff;
    }
    return static_cast<std::uint16_t>(crc % k_slots);
}

bool contains(std::span<const SlotRange> ranges, std::uint16_t slot) {
    return std::any_of(ranges.begin(), ranges.end(), [slot](const SlotRange& range) {
        return range.first <= slot && slot <= range.last;
    });
}

std::string format_slots(std::span<const SlotRange> ranges) {
    std::string text;
    for (const SlotRange& range : ranges.first(std::min(ranges.size(), k_shown_ranges))) {
        if (!text.empty()) {
            text += ", ";
        }
        text += std::to_string(range.first);
        if (range.last != range.first) {
            text += '-' + std::to_string(range.last);
        }
    }
    if (ranges.size() > k_shown_ranges) {
        text += " and " + std::to_string(ranges.size() - k_shown_ranges) + " more ranges";
    }
    return text;
}

}  // namespace cachectl
