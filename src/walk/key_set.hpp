// A set of hashes: open addressing in one block, nothing else to each element.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "walk/key_hash.hpp"

namespace cachectl {

inline std::size_t slot_of(std::uint64_t hash) { return hash; }
inline std::size_t slot_of(const KeyHash& hash) { return hash.low; }

/// Takes 1.4 to 2.7 times the elements' own size. The all-zero hash, which marks a free slot, is
/// never found in it.
template <typename Hash>
class HashSet {
public:
    /// False if it was there.
    bool insert(const Hash& hash) {
        if ((m_size + 1) * 4 > m_slots.size() * 3) grow(m_slots.size() * 2);
        Hash& slot = find(hash);
        if (slot == hash) return hash == Hash{};
        slot = hash;
        ++m_size;
        return true;
    }
    [[nodiscard]] bool contains(const Hash& hash) const {
        return !m_slots.empty() && hash != Hash{} && const_cast<HashSet*>(this)->find(hash) == hash;
    }
    [[nodiscard]] std::size_t size() const { return m_size; }
    /// Empties it, ready for so many elements; keeps its memory if that is not far too much.
    void reset(std::size_t elements) {
        m_size = 0;
        m_slots.assign(std::bit_ceil(std::max<std::size_t>(16, elements * 3 / 2)), Hash{});
    }
    void free() { *this = {}; }

private:
    Hash& find(const Hash& hash) {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t at = slot_of(hash) & mask;
        while (m_slots[at] != Hash{} && m_slots[at] != hash) at = (at + 1) & mask;
        return m_slots[at];
    }
    void grow(std::size_t slots) {
        std::vector<Hash> old(std::max<std::size_t>(16, slots));
        old.swap(m_slots);
        for (const Hash& hash : old) {
            if (hash != Hash{}) find(hash) = hash;
        }
    }

    std::vector<Hash> m_slots;
    std::size_t m_size = 0;
};

}  // namespace cachectl
