// The hit ratio of the look-ups between two polls, out of the servers' counters.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "gate/node_reading.hpp"

namespace cachectl {

class LookupWindow {
public:
    static constexpr std::int64_t k_least_lookups = 100;

    /// Our own look-ups since the reading before, which the servers count too.
    void leave_out(std::int64_t hits, std::int64_t misses) {
        m_hits -= hits;
        m_misses -= misses;
    }

    /// The window ends, and the next one begins, as soon as there were 100 look-ups of others;
    /// until then it goes on. A node that joins counts from then on. After a restart or CONFIG
    /// RESETSTAT of any node, or where one has left, the ratio is forgotten and a window begins:
    /// what was seen may be of data that are gone.
    void take(const GateReading& reading);

    /// Of the last window that ended: hits / (hits + misses).
    [[nodiscard]] const std::optional<double>& ratio() const { return m_ratio; }
    /// Of the window that goes on.
    [[nodiscard]] std::int64_t lookups() const { return hits() + misses(); }
    /// A server does not show its counters.
    [[nodiscard]] bool is_blind() const { return m_blind; }

private:
    /// Of one node.
    struct Counters {
        std::string run_id;
        std::int64_t hits = 0;
        std::int64_t misses = 0;
    };
    using ByNode = std::map<std::string, Counters>;

    /// Nothing if a server does not show them.
    static std::optional<ByNode> counters_in(const GateReading& reading);
    static bool all_go_on(const ByNode& before, const ByNode& now);
    void forget();
    // A server may not count all of our own look-ups.
    [[nodiscard]] std::int64_t hits() const { return std::max<std::int64_t>(0, m_hits); }
    [[nodiscard]] std::int64_t misses() const { return std::max<std::int64_t>(0, m_misses); }

    std::optional<ByNode> m_last;
    std::int64_t m_hits = 0, m_misses = 0;  // since the window began
    std::optional<double> m_ratio;
    bool m_blind = false;
};

}  // namespace cachectl
