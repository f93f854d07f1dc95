// Which keys a walk has handed on already, for what has to be walked again: a hash of each, so that
// a million keys take 8 MB. They are put in order only when something is walked again, which most
// walks never do; until then, those alone are looked up that may come twice.
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

    /// When a key that is noted counts as met: from the next pass on, or at once.
    enum class Counts { later, at_once };

    /// Whether the key counts as met, as far as is remembered.
    [[nodiscard]] bool has(std::string_view key) const {
        const bool has_none = m_sorted == 0 && m_at_once.size() == 0;  // as in most walks
        return !has_none && has(m_hash(key).low);
    }

    /// False if it has the key already.
    bool note(std::string_view key, Counts counts = Counts::later);

    /// From now on the keys noted so far count as met.
    void begin_pass();

    /// There were more keys than are remembered, so some may count as new that are not.
    [[nodiscard]] bool overflowed() const { return m_overflowed; }

private:
    [[nodiscard]] bool has(std::uint64_t hash) const;

    KeyHasher m_hash;
    std::deque<std::uint64_t> m_hashes;  // which grows without being copied, unlike a vector
    std::size_t m_sorted = 0;            // hashes from earlier passes, which stand first
    HashSet<std::uint64_t> m_at_once;    // of this pass
    bool m_overflowed = false;
};

}  // namespace cachectl
