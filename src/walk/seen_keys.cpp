#include "walk/seen_keys.hpp"

#include <algorithm>

namespace cachectl {

bool SeenKeys::add(std::string_view key) {
    const std::uint64_t hash = m_hash(key).low;
    const auto end = m_hashes.begin() + static_cast<std::ptrdiff_t>(m_sorted);
    if (std::binary_search(m_hashes.begin(), end, hash)) {
        return false;
    }
    if (m_hashes.size() < k_most) {
        m_hashes.push_back(hash);
    } else {
        m_overflowed = true;
    }
    return true;
}

void SeenKeys::begin_round() {
    std::sort(m_hashes.begin(), m_hashes.end());
    m_hashes.erase(std::unique(m_hashes.begin(), m_hashes.end()), m_hashes.end());
    m_sorted = m_hashes.size();
}

}  // namespace cachectl
