// Which stretches of time hold most of many moments, in bounded memory (Misra and Gries).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>

namespace cachectl {

/// Counts moments by slot. Where there are more slots than can be held, what is known of each is
/// too small by at most 1/129 of all; a slot with a larger share is always among them.
class FrequentSlots {
public:
    static constexpr std::size_t k_most_slots = 128;

    void add(std::int64_t slot) {
        if (const auto found = m_slots.find(slot); found != m_slots.end()) {
            ++found->second;
        } else if (m_slots.size() < k_most_slots) {
            m_slots.emplace(slot, 1);
        } else {
            count_down();
        }
    }

    [[nodiscard]] const std::map<std::int64_t, std::uint64_t>& slots() const { return m_slots; }

private:
    void count_down() {
        for (auto slot = m_slots.begin(); slot != m_slots.end();) {
            slot = --slot->second == 0 ? m_slots.erase(slot) : std::next(slot);
        }
    }

    std::map<std::int64_t, std::uint64_t> m_slots;
};

}  // namespace cachectl
