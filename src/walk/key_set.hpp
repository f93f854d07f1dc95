// Many keys remembered in little memory: hashes that stand for them, and a set of hashes with open
// addressing in one block, nothing else to each element.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cachectl {

/// 128 bits: among 10^10 keys the odds that any two agree are 1 to 10^18. One half alone will do
/// where a key is compared with a few thousand others.
struct KeyHash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    friend bool operator==(const KeyHash&, const KeyHash&) = default;
};

/// Seeded anew for each object: nobody can choose names that collide.
class KeyHasher {
public:
    KeyHasher();
    [[nodiscard]] KeyHash operator()(std::string_view key) const;

private:
    std::uint64_t m_secret[6];
};

/// Where a hash stands in a table, before it is cut to the table's size.
inline std::size_t place_of(std::uint64_t hash) { return hash; }
inline std::size_t place_of(const KeyHash& hash) { return hash.low; }

/// Takes 1.4 to 2.7 times the elements' own size. The all-zero hash, which marks a free place, is
/// never found in it.
template <typename Hash>
class HashSet {
public:
    /// False if it was there.
    bool insert(const Hash& hash) {
        if ((m_size + 1) * 4 > m_places.size() * 3) {
            grow(m_places.size() * 2);
        }
        Hash& place = find(hash);
        if (place == hash) {
            return hash == Hash{};
        }
        place = hash;
        ++m_size;
        return true;
    }
    [[nodiscard]] bool contains(const Hash& hash) const {
        return !m_places.empty() && hash != Hash{} &&
               const_cast<HashSet*>(this)->find(hash) == hash;
    }
    [[nodiscard]] std::size_t size() const { return m_size; }
    /// Empties it and makes room for that many elements; keeps its memory if that is not far too
    /// much.
    void reset(std::size_t elements) {
        m_size = 0;
        m_places.assign(std::bit_ceil(std::max<std::size_t>(16, elements * 3 / 2)), Hash{});
    }
    void free() { *this = {}; }

private:
    Hash& find(const Hash& hash) {
        const std::size_t mask = m_places.size() - 1;
        std::size_t at = place_of(hash) & mask;
        while (m_places[at] != Hash{} && m_places[at] != hash) {
            at = (at + 1) & mask;
        }
        return m_places[at];
    }
    void grow(std::size_t places) {
        std::vector<Hash> old(std::max<std::size_t>(16, places));
        old.swap(m_places);
        for (const Hash& hash : old) {
            if (hash != Hash{}) {
                find(hash) = hash;
            }
        }
    }

    std::vector<Hash> m_places;
    std::size_t m_size = 0;
};

}  // namespace cachectl
