// Asks the servers for what the checks go by: two readings with an interval between them, what some
// commands answer, and a sample of the keys.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "health/evidence.hpp"
#include "keyspace/policy.hpp"
#include "redis/client.hpp"

namespace cachectl {

struct HealthQuestion {
    std::chrono::milliseconds interval{1'000};
    std::shared_ptr<const KeyPolicy> policy;  // null: none
    std::vector<std::string> protected_patterns;
    bool keys = true;  // whether a sample of the keys is drawn
};

/// Takes the interval and a moment more. What a server does not tell is noted in the evidence.
/// Throws Error(interrupted) if a signal has come.
HealthEvidence gather_health(Context& ctx, Client& client, const HealthQuestion& question);

}  // namespace cachectl
