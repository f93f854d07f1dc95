// SCAN cursors. To most of the program, and on servers that known_cursors.hpp does not vouch for,
// they are opaque byte strings; here is what they mean on Redis and Valkey.
//
// There a cursor is a bucket's index in the hash table, and SCAN steps through the buckets in the
// order of their bits reversed (dictScan in dict.c, hashtableScan in hashtable.c). The reversed
// cursor is therefore a place on a line from 0 to 2^64 on which every key stays where it is
// however the table grows or shrinks; a page covers all that lies between the cursor it was asked
// for and the one it gives back.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "redis/slot.hpp"

namespace cachectl {

/// Nothing for what is not a number from 0 to 2^64 - 1.
std::optional<std::uint64_t> parse_cursor(std::string_view cursor);

std::uint64_t reverse_bits(std::uint64_t bits);

/// How far a walk has come that got `cursor` back: 0..1. Nothing for a cursor that is not a number.
std::optional<double> fraction_walked(std::string_view cursor);

/// A part of the keyspace that is walked from first_cursor() until ends_at(). Pages begin exactly
/// at a part's start, but the last one may run over its end, into the next part.
class Partition {
public:
    static constexpr unsigned k_max_bits = 6;

    /// The 2^bits equal parts, in the order of the line: those of equal low bits, because the low
    /// bits are the high ones of the place. For standalone servers, and for cluster nodes of Redis
    /// before 7.4 and Valkey before 8.0.
    static std::vector<Partition> by_low_bits(unsigned bits);

    /// The hash slots first … last. For cluster nodes of Redis from 7.4 and Valkey from 8.0 on,
    /// whose keys are in a table for each slot: the low 14 bits of a cursor are the slot, the
    /// others a cursor within its table (kvstoreScan in kvstore.c).
    static Partition of_slots(unsigned first, unsigned last);
    /// 2^bits runs of slots, or fewer, with as many of `slots` in each, give or take one; all slots
    /// there are if `slots` is empty.
    static std::vector<Partition> by_slots(const SlotSet& slots, unsigned bits);

    /// Of those of slots: whether the slot is within.
    [[nodiscard]] bool has_slot(std::uint16_t slot) const {
        return m_first <= slot && slot <= m_last;
    }
    [[nodiscard]] bool is_of_slots() const { return m_by == By::slots; }
    [[nodiscard]] std::uint64_t first_cursor() const { return m_first; }
    /// Whether a page that gave `cursor` back has completed the part.
    [[nodiscard]] bool ends_at(std::uint64_t cursor) const;
    /// How much of the part has been walked when `cursor` comes back: 0..1.
    [[nodiscard]] double fraction(std::uint64_t cursor) const;

private:
    enum class By { low_bits, slots };

    Partition(By by, std::uint64_t first, std::uint64_t last, unsigned bits)
        : m_by(by), m_first(first), m_last(last), m_bits(bits) {}

    By m_by;
    std::uint64_t m_first;
    std::uint64_t m_last;  // slot
    unsigned m_bits;
};

}  // namespace cachectl
