#include "warm/bloom_filter.hpp"

namespace cachectl {

BloomFilter::Line& BloomFilter::line_of(const KeyHash& key) {
    if (m_lines.empty()) {
        m_lines.resize(k_lines);
    }
    return m_lines[key.low % k_lines];
}

void BloomFilter::expect(const KeyHash& key) { __builtin_prefetch(&line_of(key), 1); }

bool BloomFilter::add(const KeyHash& key) {
    Line& line = line_of(key);
    bool is_known = true;
    std::uint64_t bits = key.high;
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
