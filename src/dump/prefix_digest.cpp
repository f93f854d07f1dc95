#include "dump/prefix_digest.hpp"

#include <zlib.h>

#include <algorithm>

namespace cachectl {

void PrefixDigest::add(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t count = bytes.size();
        if (m_bytes < m_mark) count = std::min<std::uint64_t>(count, m_mark - m_bytes);
        m_value = static_cast<std::uint32_t>(
            ::crc32_z(m_value, reinterpret_cast<const Bytef*>(bytes.data()), count));
        m_bytes += count;
        bytes.remove_prefix(count);
        note_mark();
    }
}

void PrefixDigest::note_mark() {
    if (m_bytes == m_mark) m_at_mark = m_value;
}

}  // namespace cachectl
