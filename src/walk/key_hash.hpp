// Hashes that stand for keys, so that many can be remembered in little memory.
#pragma once

#include <cstdint>
#include <string_view>

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

}  // namespace cachectl
