// What the key policies allow a run to write: keys that they know, no larger and living no longer
// than they say.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keyspace/policy.hpp"

namespace cachectl {

class PolicyLimits {
public:
    using Warn = std::function<void(const std::string& message)>;

    /// Of several policies the first that has a rule for a key decides on it; a key that none has
    /// a rule for is what the first policy says of unknown keys.
    explicit PolicyLimits(std::vector<KeyPolicy> policies) : m_policies(std::move(policies)) {}

    /// Throws WarmStop(guard), naming the rule's line, if the key is not allowed with this value
    /// and time to live. Warns of the first unknown keys where the policy says so.
    void check(std::string_view key, std::size_t bytes,
               std::optional<std::chrono::milliseconds> ttl, const Warn& warn);

    /// The same for a pointer to a release, which never expires: a rule that gives its keys a time
    /// to live does not allow that.
    void check_pointer(std::string_view key, std::size_t bytes, const Warn& warn);

private:
    void check_unknown(std::string_view key, const Warn& warn);

    std::vector<KeyPolicy> m_policies;
    std::size_t m_warned = 0;
};

}  // namespace cachectl
