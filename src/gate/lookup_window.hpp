// The hit ratio of the look-ups between two polls, out of the servers' counters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gate/node_reading.hpp"

namespace cachectl {

class LookupWindow {
public:
    static constexpr std::int64_t k_least_lookups = 100;

    /// Our own look-ups since the reading before, which the servers count too.
    void leave_out(std::int64_t hits, std::int64_t misses) {
        m_own_hits += hits;
        m_own_misses += misses;
    }

    /// The window ends, and the next one begins, as soon as there were 100 look-ups of others;
    /// until then it goes on. After a restart or CONFIG RESETSTAT of any node, or with other nodes,
    /// it begins anew.
    void take(const GateReading& reading);

    /// Of the last window that ended: hits / (hits + misses).
    [[nodiscard]] const std::optional<double>& ratio() const { return m_ratio; }
    /// Of the window that goes on.
    [[nodiscard]] std::int64_t lookups() const { return m_lookups; }
    /// A server does not show its counters.
    [[nodiscard]] bool is_blind() const { return m_blind; }

private:
    /// Of one node.
    struct Counters {
        std::string name, run_id;
        std::int64_t hits = 0;
        std::int64_t misses = 0;

        [[nodiscard]] bool go_on_from(const Counters& before) const;
    };
    /// By name; nothing if a server does not show them.
    static std::optional<std::vector<Counters>> counters_in(const GateReading& reading);
    void begin(std::vector<Counters> at);

    std::optional<std::vector<Counters>> m_begin;
    std::int64_t m_own_hits = 0, m_own_misses = 0;
    std::int64_t m_lookups = 0;
    std::optional<double> m_ratio;
    bool m_blind = false;
};

}  // namespace cachectl
