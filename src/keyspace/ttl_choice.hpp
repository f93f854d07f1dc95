// How long each key that is written shall live: what the user said, or else what the key policy
// says of it, spread out so that not all of them expire in the same second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "keyspace/policy.hpp"

namespace cachectl {

class TtlChoice {
public:
    /// `ttl` wins over the policies; of these the first whose rule for the key has a TTL counts.
    /// `jitter` is 0..1: a key lives for a uniformly random time between (1 - jitter) × TTL and
    /// TTL, never longer.
    TtlChoice(std::optional<std::chrono::milliseconds> ttl, std::vector<KeyPolicy> policies,
              double jitter, std::uint64_t seed = std::random_device{}());

    /// At least 1 ms; absent if nothing says that the key should ever expire.
    std::optional<std::chrono::milliseconds> for_key(std::string_view key);

    /// The least that for_key() may give this key; absent if it never expires.
    [[nodiscard]] std::optional<std::chrono::milliseconds> shortest(std::string_view key) const;

    /// False if every key lives for ever.
    [[nodiscard]] bool may_expire() const { return m_ttl || !m_policies.empty(); }

private:
    [[nodiscard]] std::optional<std::chrono::milliseconds> longest(std::string_view key) const;

    std::optional<std::chrono::milliseconds> m_ttl;
    std::vector<KeyPolicy> m_policies;
    double m_jitter;
    std::mt19937_64 m_random;
};

}  // namespace cachectl
