#include "gate/lookup_window.hpp"

#include <algorithm>

namespace cachectl {

std::optional<LookupWindow::Counters> LookupWindow::counters_in(const GateReading& reading) {
    Counters sum;
    for (const NodeReading& node : reading.nodes) {
        const auto hits = node.info.integer("keyspace_hits");
        const auto misses = node.info.integer("keyspace_misses");
        if (!hits || !misses) {
            return std::nullopt;
        }
        sum.hits += *hits;
        sum.misses += *misses;
    }
    return sum;
}

void LookupWindow::begin(const Counters& at) {
    m_begin = at;
    m_own_hits = m_own_misses = m_lookups = 0;
}

void LookupWindow::take(const GateReading& reading) {
    const auto now = counters_in(reading);
    m_blind = !now;
    if (!now) {
        m_begin.reset();
        return;
    }
    const bool same_nodes = m_nodes == reading.nodes.size();
    m_nodes = reading.nodes.size();
    if (!m_begin || !same_nodes || now->hits < m_begin->hits || now->misses < m_begin->misses) {
        begin(*now);
        return;
    }
    const std::int64_t hits = std::max<std::int64_t>(0, now->hits - m_begin->hits - m_own_hits);
    const std::int64_t misses =
        std::max<std::int64_t>(0, now->misses - m_begin->misses - m_own_misses);
    m_lookups = hits + misses;
    if (m_lookups >= k_least_lookups) {
        m_ratio = static_cast<double>(hits) / static_cast<double>(m_lookups);
        begin(*now);
    }
}

}  // namespace cachectl
