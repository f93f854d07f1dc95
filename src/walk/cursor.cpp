#include "walk/cursor.hpp"

#include <algorithm>
#include <charconv>

namespace cachectl {

namespace {

constexpr unsigned k_slot_bits = 14;
constexpr std::uint64_t k_slot_mask = (std::uint64_t{1} << k_slot_bits) - 1;

double place(std::uint64_t cursor) { return static_cast<double>(reverse_bits(cursor)) / 0x1p64; }

}  // namespace

std::optional<std::uint64_t> parse_cursor(std::string_view cursor) {
    std::uint64_t bits = 0;
    const auto parsed = std::from_chars(cursor.data(), cursor.data() + cursor.size(), bits);
    if (parsed.ec != std::errc() || parsed.ptr != cursor.data() + cursor.size()) {
        return {};
    }
    return bits;
}

std::uint64_t reverse_bits(std::uint64_t bits) {
    const auto swap = [&bits](unsigned distance, std::uint64_t low) {
        bits = (bits >> distance & low) | (bits & low) << distance;
    };
    swap(1, 0x5555555555555555);
    swap(2, 0x3333333333333333);
    swap(4, 0x0F0F0F0F0F0F0F0F);
    swap(8, 0x00FF00FF00FF00FF);
    swap(16, 0x0000FFFF0000FFFF);
    swap(32, 0x00000000FFFFFFFF);
    return bits;
}

std::optional<double> fraction_walked(std::string_view cursor) {
    const auto bits = parse_cursor(cursor);
    if (!bits) {
        return {};
    }
    return *bits == 0 ? 1.0 : place(*bits);  // zero is what ends a walk
}

std::vector<Partition> Partition::by_low_bits(unsigned bits) {
    std::vector<Partition> partitions;
    for (std::uint64_t i = 0; i < std::uint64_t{1} << bits; ++i) {
        const std::uint64_t low = bits == 0 ? 0 : reverse_bits(i) >> (64 - bits);
        partitions.push_back({By::low_bits, low, 0, bits});
    }
    return partitions;
}

Partition Partition::of_slots(unsigned first, unsigned last) {
    return {By::slots, first, last, k_slot_bits};
}

std::vector<Partition> Partition::by_slots(const SlotSet& slots, unsigned bits) {
    if (slots.none()) {
        return by_slots(~SlotSet(), bits);
    }
    const std::size_t runs = std::min(std::size_t{1} << bits, slots.count());
    std::vector<Partition> partitions;
    std::size_t passed = 0;
    unsigned first = k_slots;  // of the run that is being filled: none yet
    for (unsigned slot = 0; slot < k_slots; ++slot) {
        if (!slots[slot]) {
            continue;
        }
        first = std::min(first, slot);
        if (++passed * runs / slots.count() == partitions.size()) {
            continue;
        }
        partitions.push_back(of_slots(first, slot));
        first = k_slots;
    }
    return partitions;
}

bool Partition::ends_at(std::uint64_t cursor) const {
    if (cursor == 0) {
        return true;
    }
    if (m_by == By::slots) {
        return (cursor & k_slot_mask) > m_last;
    }
    return (cursor & ((std::uint64_t{1} << m_bits) - 1)) != m_first;
}

double Partition::fraction(std::uint64_t cursor) const {
    if (ends_at(cursor)) {
        return 1;
    }
    if (m_by == By::slots) {
        const std::uint64_t slot = cursor & k_slot_mask;
        if (slot < m_first) {
            return 0;  // which no server that we know gives back
        }
        const auto slots_done = static_cast<double>(slot - m_first);
        return (slots_done + place(cursor >> k_slot_bits)) /
               static_cast<double>(m_last - m_first + 1);
    }
    return place(cursor >> m_bits);
}

}  // namespace cachectl
