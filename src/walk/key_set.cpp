#include "walk/key_set.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace cachectl {

namespace {

__extension__ using Wide = unsigned __int128;

/// The product's two halves folded together: each bit of the result depends on all of both.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

KeyHasher::KeyHasher() {
    std::random_device random;
    for (std::uint64_t& word : m_secret) {
        word = (std::uint64_t{random()} << 32 | random()) | 1;
    }
}

KeyHash KeyHasher::operator()(std::string_view key) const {
    KeyHash hash{m_secret[0] ^ key.size(), m_secret[1]};
    for (std::size_t at = 0; at < key.size(); at += 16) {
        std::uint64_t words[2] = {0, 0};
        std::memcpy(words, key.data() + at, std::min<std::size_t>(16, key.size() - at));
        hash.low = fold(words[0] ^ m_secret[2], words[1] ^ hash.low);
        hash.high = fold(words[0] ^ hash.high, words[1] ^ m_secret[3]);
    }
    return {fold(hash.low ^ m_secret[4], hash.high ^ m_secret[5]),
            fold(hash.low ^ m_secret[5], hash.high ^ m_secret[4])};
}

}  // namespace cachectl
