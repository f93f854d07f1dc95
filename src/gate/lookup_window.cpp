#include "gate/lookup_window.hpp"

#include <utility>

namespace cachectl {

std::optional<LookupWindow::ByNode> LookupWindow::counters_in(const GateReading& reading) {
    ByNode counters;
    for (const NodeReading& node : reading.nodes) {
        const auto hits = node.info.integer("keyspace_hits");
        const auto misses = node.info.integer("keyspace_misses");
        if (!hits || !misses) {
            return std::nullopt;
        }
        counters[node.name] = {std::string(node.info.text("run_id")), *hits, *misses};
    }
    return counters;
}

bool LookupWindow::all_go_on(const ByNode& before, const ByNode& now) {
    return std::all_of(before.begin(), before.end(), [&](const auto& entry) {
        const auto found = now.find(entry.first);
        return found != now.end() && found->second.run_id == entry.second.run_id &&
               found->second.hits >= entry.second.hits &&
               found->second.misses >= entry.second.misses;
    });
}

void LookupWindow::forget() {
    m_ratio.reset();
    m_hits = m_misses = 0;
}

void LookupWindow::take(const GateReading& reading) {
    const auto before = std::exchange(m_last, counters_in(reading));
    m_blind = !m_last;
    if (!before || !m_last || !all_go_on(*before, *m_last)) {
        forget();
        return;
    }
    for (const auto& [name, was] : *before) {
        const Counters& is = m_last->at(name);
        m_hits += is.hits - was.hits;
        m_misses += is.misses - was.misses;
    }
    if (lookups() >= k_least_lookups) {
        m_ratio = static_cast<double>(hits()) / static_cast<double>(lookups());
        m_hits = m_misses = 0;
    }
}

}  // namespace cachectl
