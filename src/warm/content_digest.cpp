#include "warm/content_digest.hpp"

#include <algorithm>
#include <cstring>

namespace cachectl {

namespace {

__extension__ using Wide = unsigned __int128;

// More of pi's digits: odd numbers with about as many ones as zeros.
constexpr std::uint64_t k_first = 0x13198a2e03707345;
constexpr std::uint64_t k_second = 0xa4093822299f31d1;

/// The product's two halves folded together: each bit of the result depends on all of both.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void ContentDigest::add(std::uint64_t number) {
    m_value = fold(number ^ k_first, m_value ^ k_second) + 1;
}

void ContentDigest::add(std::string_view text) {
    add(std::uint64_t{text.size()});
    for (std::size_t at = 0; at < text.size(); at += 16) {
        std::uint64_t words[2] = {0, 0};
        std::memcpy(words, text.data() + at, std::min<std::size_t>(16, text.size() - at));
        m_value = fold(words[0] ^ k_first, words[1] ^ m_value) + 1;
    }
}

}  // namespace cachectl
