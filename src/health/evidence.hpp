// All that the checks go by: two readings of each server, what some commands have answered, and a
// sample of the keys. Nothing here asks a server; see health/gather.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "health/key_tally.hpp"
#include "redis/reply.hpp"
#include "stats/held.hpp"
#include "stats/reading.hpp"

namespace cachectl {

/// What is known of one server, or of one master of a cluster.
struct NodeEvidence {
    Reading before, after;
    Rates rates;                                   // between the two
    std::vector<std::chrono::microseconds> pings;  // of those between the two that were answered
    /// To each of asked_commands(), by its words: "CONFIG GET save". Those that were not asked are
    /// not there.
    std::map<std::string, Reply, std::less<>> replies;
    std::optional<std::int64_t> slow_logged;  // entries of the slow log that came in between
    std::vector<HeldBy> held;                 // in the last minute, out of the slow log
    std::string slow_lacking;                 // why both are not known
    std::optional<std::uint64_t> stray_keys;  // of a cluster: in slots that are others'
    std::string stray_lacking;

    [[nodiscard]] const InfoFields& info() const { return after.server.info; }
    [[nodiscard]] const std::string& name() const { return after.node; }
};

struct HealthEvidence {
    std::vector<NodeEvidence> nodes;
    std::chrono::milliseconds interval{0};
    std::chrono::seconds now{0};  // since 1970, by our clock
    bool is_cluster = false;
    std::optional<KeyTally> keys;
    std::string keys_lacking;  // why no keys were looked at, or some could not be
    std::vector<std::string> protected_patterns;
    bool policy_has_ttls = false;
    bool without_password = false;     // we have got in without any
    std::string command = "cachectl";  // what a command begins with that reaches the servers
};

}  // namespace cachectl
