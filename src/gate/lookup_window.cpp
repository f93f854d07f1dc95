#include "gate/lookup_window.hpp"

#include <algorithm>
#include <utility>

namespace cachectl {

bool LookupWindow::Counters::go_on_from(const Counters& before) const {
    return name == before.name && run_id == before.run_id && hits >= before.hits &&
           misses >= before.misses;
}

std::optional<std::vector<LookupWindow::Counters>> LookupWindow::counters_in(
    const GateReading& reading) {
    std::vector<Counters> counters;
    for (const NodeReading& node : reading.nodes) {
        const auto hits = node.info.integer("keyspace_hits");
        const auto misses = node.info.integer("keyspace_misses");
        if (!hits || !misses) {
            return std::nullopt;
        }
        counters.push_back({node.name, std::string(node.info.text("run_id")), *hits, *misses});
    }
    std::sort(counters.begin(), counters.end(),
              [](const Counters& a, const Counters& b) { return a.name < b.name; });
    return counters;
}

void LookupWindow::begin(std::vector<Counters> at) {
    m_begin = std::move(at);
    m_own_hits = m_own_misses = m_lookups = 0;
}

void LookupWindow::take(const GateReading& reading) {
    auto now = counters_in(reading);
    m_blind = !now;
    if (!now) {
        m_begin.reset();
        return;
    }
    const bool go_on =
        m_begin && std::equal(now->begin(), now->end(), m_begin->begin(), m_begin->end(),
                              [](const Counters& a, const Counters& b) { return a.go_on_from(b); });
    if (!go_on) {
        begin(std::move(*now));
        return;
    }
    std::int64_t hits = -m_own_hits;
    std::int64_t misses = -m_own_misses;
    for (std::size_t i = 0; i < now->size(); ++i) {
        hits += (*now)[i].hits - (*m_begin)[i].hits;
        misses += (*now)[i].misses - (*m_begin)[i].misses;
    }
    hits = std::max<std::int64_t>(0, hits);
    misses = std::max<std::int64_t>(0, misses);
    m_lookups = hits + misses;
    if (m_lookups >= k_least_lookups) {
        m_ratio = static_cast<double>(hits) / static_cast<double>(m_lookups);
        begin(std::move(*now));
    }
}

}  // namespace cachectl
