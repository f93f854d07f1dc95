// The keys that were met lately. While a table shrinks under a walk, a page can bring keys again
// that the page before had, whose deletion is still on its way.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "walk/key_set.hpp"

namespace cachectl {

/// Remembers at least the latest k_remembered keys, in some 3 MiB at most.
class RecentKeys {
public:
    static constexpr std::size_t k_remembered = 32 * 1024;

    /// Notes the key; false if it was noted lately.
    bool add(std::string_view key) {
        const KeyHash hash = m_hash(key);
        if (m_older.contains(hash) || !m_newer.insert(hash)) {
            return false;
        }
        if (m_newer.size() == k_remembered) {
            m_older = std::exchange(m_newer, {});
        }
        return true;
    }

private:
    KeyHasher m_hash;
    HashSet<KeyHash> m_newer, m_older;
};

}  // namespace cachectl
