// Which keys a walk has handed on already, for what has to be walked again: a hash of each, so that
// a million keys take 8 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "walk/key_set.hpp"

namespace cachectl {

class SeenKeys {
public:
    static constexpr std::size_t k_most = 1'500'000;

    /// Whether the key was noted before the latest begin_round(), as far as is remembered.
    [[nodiscard]] bool has(std::string_view key) const;

    void note(std::string_view key);

    /// From now on the keys noted so far count as met.
    void begin_round();

    /// There were more keys than are remembered, so some may count as new that are not.
    [[nodiscard]] bool overflowed() const { return m_overflowed; }

private:
    KeyHasher m_hash;
    std::deque<std::uint64_t> m_hashes;  // which grows without being copied, unlike a vector
    std::size_t m_sorted = 0;            // hashes from earlier rounds, which stand first
    bool m_overflowed = false;
};

}  // namespace cachectl
