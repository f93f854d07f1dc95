// Whether a key may have come before, in a memory that does not grow with the number of keys: a
// Bloom filter of which each key touches one cache line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "walk/key_set.hpp"

namespace cachectl {

class BloomFilter {
public:
    /// 8 MiB. Among a million different keys hardly one is taken for a repeated one; among ten
    /// million many are.
    static constexpr std::size_t k_lines = std::size_t{1} << 17;

    /// What stands for a key.
    [[nodiscard]] KeyHash hash(std::string_view key) const { return m_hash(key); }
    /// That it will soon be added: its line is fetched meanwhile.
    void expect(const KeyHash& key);
    /// False if no such key has been added before. True if one has, or, seldom, by mistake.
    bool add(const KeyHash& key);

private:
    using Line = std::array<std::uint64_t, 8>;
    static constexpr int k_bits_of_key = 7;

    [[nodiscard]] Line& line_of(const KeyHash& key);

    KeyHasher m_hash;
    std::vector<Line> m_lines;  // none before the first key
};

}  // namespace cachectl
