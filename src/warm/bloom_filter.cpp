#include "warm/bloom_filter.hpp"

namespace cachectl {

bool BloomFilter::add(std::string_view key) {
    if (m_lines.empty()) {
        m_lines.resize(k_lines);
    }
    const KeyHash hash = m_hash(key);
    Line& line = m_lines[hash.low % k_lines];
    bool is_known = true;
    std::uint64_t bits = hash.high;
    for (int i = 0; i < k_bits_of_key; ++i) {
        std::uint64_t& word = line[bits % 8];
        const std::uint64_t bit = std::uint64_t{1} << (bits / 8 % 64);
        is_known = is_known && (word & bit) != 0;
        word |= bit;
        bits >>= 9;
    }
    return is_known;
}

}  // namespace cachectl
