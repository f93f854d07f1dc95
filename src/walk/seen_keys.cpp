#include "walk/seen_keys.hpp"

#include <algorithm>

namespace cachectl {

bool SeenKeys::has(std::string_view key) const {
    const auto end = m_hashes.begin() + static_cast<std::ptrdiff_t>(m_sorted);
    return std::binary_search(m_hashes.begin(), end, m_hash(key).low);
}

void SeenKeys::note(std::string_view key) {
    if (m_hashes.size() < k_most) {
        m_hashes.push_back(m_hash(key).low);
    } else {
        m_overflowed = true;
    }
}

void SeenKeys::begin_round() {
    std::sort(m_hashes.begin(), m_hashes.end());
    m_hashes.erase(std::unique(m_hashes.begin(), m_hashes.end()), m_hashes.end());
    m_sorted = m_hashes.size();
}

}  // namespace cachectl
