// Finds the names that occur twice in a value of many parts, with 8 to 16 bytes of memory for each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace cachectl {

class NameTable {
public:
    /// For so many names at most, less than 2^32.
    explicit NameTable(std::size_t most) : m_slots(std::bit_ceil(2 * most + 1), k_free) {}

    /// Where the name has been added before; if nowhere, adds it at `place` and returns that.
    /// `name_at` tells the name at a place.
    template <typename NameAt>
    std::size_t find_or_add(std::string_view name, std::size_t place, const NameAt& name_at) {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t slot = std::hash<std::string_view>()(name) & mask;
        while (m_slots[slot] != k_free) {
            if (name_at(m_slots[slot]) == name) {
                return m_slots[slot];
            }
            slot = (slot + 1) & mask;
        }
        m_slots[slot] = static_cast<std::uint32_t>(place);
        return place;
    }

private:
    static constexpr std::uint32_t k_free = ~std::uint32_t{0};
    std::vector<std::uint32_t> m_slots;
};

}  // namespace cachectl
