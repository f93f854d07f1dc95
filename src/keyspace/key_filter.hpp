// Which keys a command means: patterns, exclusions and predicates on what a key is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keyspace/key_facts.hpp"

namespace cachectl {

struct KeyFilter {
    std::vector<std::string> patterns;  // a union; none: every key
    std::vector<std::string> excludes;
    std::string type;
    bool only_persistent = false;                        // --no-ttl
    std::optional<std::chrono::milliseconds> ttl_below;  // expires, and sooner than this
    std::optional<std::chrono::milliseconds> ttl_above;  // expires later than this, or never
    std::optional<std::chrono::milliseconds> idle_over;
    std::optional<std::uint64_t> size_over;  // bytes

    [[nodiscard]] bool matches_name(const std::string& key) const;
    /// Ignored, as after a reading that may have made it 0.
    enum class Idle { judged, ignored };
    /// On the facts of a key that exists; facts_needed() says which are looked at. What cannot be
    /// read lets no key through.
    [[nodiscard]] bool matches_facts(const KeyFacts& key, Idle idle = Idle::judged) const;
    [[nodiscard]] FactsWanted facts_needed() const;
    /// The glob that the server may apply by itself: a single, cheap one. Empty: none.
    [[nodiscard]] std::string server_side_match() const;
};

}  // namespace cachectl
