// How far replicas are behind their masters: by the time since they last acknowledged, and by
// whether they have what the master had written by then.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/node_reading.hpp"

namespace cachectl {

class ReplicaWatch {
public:
    explicit ReplicaWatch(std::chrono::milliseconds most) : m_most(most) {}

    struct Verdict {
        bool near = false;
        std::optional<std::int64_t> lag_ms;  // the largest; nothing where none is told
        std::string why;                     // not near
        bool of_link = false;  // asked of a replica itself, which now and then hears of its master
    };

    /// A replica is near if it is online, acknowledged at most `most` ago, and has all that its
    /// master had written `most` and a second (acknowledgements come once a second) ago. Before
    /// that is known of it: all that the master has written.
    Verdict take(const GateReading& reading);

private:
    struct Written {
        SteadyTime at;
        std::int64_t offset;
    };

    void check_node(const NodeReading& node, SteadyTime now, Verdict& verdict);
    void check_replica(const InfoParts& replica, std::int64_t wanted, Verdict& verdict) const;
    void check_link(const InfoFields& info, Verdict& verdict) const;
    [[nodiscard]] std::int64_t offset_wanted(const std::string& node, SteadyTime now,
                                             std::int64_t offset);

    std::chrono::milliseconds m_most;
    std::map<std::string, std::deque<Written>> m_written;  // by node
};

}  // namespace cachectl
