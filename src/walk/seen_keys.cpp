#include "walk/seen_keys.hpp"

#include <algorithm>

namespace cachectl {

bool SeenKeys::has(std::uint64_t hash) const {
    const auto end = m_hashes.begin() + static_cast<std::ptrdiff_t>(m_sorted);
    return std::binary_search(m_hashes.begin(), end, hash) || m_at_once.contains(hash);
}

bool SeenKeys::note(std::string_view key, Counts counts) {
    const std::uint64_t hash = m_hash(key).low;
    if (has(hash)) {
        return false;
    }
    if (m_hashes.size() == k_most) {
        m_overflowed = true;
        return true;
    }
    m_hashes.push_back(hash);
    if (counts == Counts::at_once) {
        m_at_once.insert(hash);
    }
    return true;
}

void SeenKeys::begin_pass() {
    std::sort(m_hashes.begin(), m_hashes.end());
    m_hashes.erase(std::unique(m_hashes.begin(), m_hashes.end()), m_hashes.end());
    m_sorted = m_hashes.size();
    m_at_once.free();
}

}  // namespace cachectl
