// Which of a cluster's hash slots a key lives in:
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

constexpr std::uint16_t k_slots = 16384;

using SlotSet = std::bitset<k_slots>;

/// CRC16 (XMODEM) of the key, modulo 16384. If the key has a '{' with a '}' behind it, only what
/// stands between the first '{' and the first '}' after it counts, unless that is empty.
std::uint16_t slot_of(std::string_view key);

/// Both ends belong to it.
struct SlotRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const SlotRange&, const SlotRange&) = default;
};

/// The ranges of those slots for which it is true.
template <typename Predicate>
std::vector<SlotRange> slot_ranges(Predicate is_in) {
    std::vector<SlotRange> ranges;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        if (!is_in(slot)) {
            continue;
        }
        if (!ranges.empty() && ranges.back().last + 1 == slot) {
            ranges.back().last = slot;
        } else {
            ranges.push_back({slot, slot});
        }
    }
    return ranges;
}

[[nodiscard]] bool contains(std::span<const SlotRange> ranges, std::uint16_t slot);

/// "0-5460, 9000": for messages. Of many ranges the first ten, and how many more there are.
std::string format_slots(std::span<const SlotRange> ranges);

}  // namespace cachectl
