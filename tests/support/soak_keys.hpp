// What the keys of a long run against a cluster should be: each as it was before a command, or, if
// the command was about it, as it is after it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "support/redis_cluster.hpp"

namespace cachectl::test {

/// A key of which only cachectl's own commands change anything.
struct SoakValue {
    std::string type;   // string or hash
    std::string value;  // a hash's as JSON
    std::optional<std::int64_t> expires_at_ms;

    /// Times to live that were counted from now may differ by some seconds.
    [[nodiscard]] bool is_like(const SoakValue& other) const;
};
using SoakKeys = std::map<std::string, SoakValue>;

/// Of the masters of a cluster that is at rest: all keys that begin so.
SoakKeys read_soak_keys(RedisCluster& cluster, const std::string& prefix);

/// What a command is to make of some keys: a value, or nothing where they are to be gone.
using SoakChanges = std::map<std::string, std::optional<SoakValue>>;

/// How many of the changes were made. A sentence in `wrong` if a key is what it neither was nor
/// should be, and, where all had to be made, if one was not.
struct SoakVerdict {
    std::uint64_t made = 0;
    std::string wrong;
};
SoakVerdict judge(const SoakKeys& before, const SoakKeys& after, const SoakChanges& changes,
                  bool all_made);

}  // namespace cachectl::test
