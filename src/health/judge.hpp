// From evidence to a verdict: each check's measure against its limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "health/check.hpp"
#include "health/evidence.hpp"
#include "health/thresholds.hpp"
#include "util/error.hpp"

namespace cachectl {

/// What one check has found; of several servers, on the worst.
struct HealthFinding {
    const HealthCheck* check = nullptr;
    HealthStatus status = HealthStatus::ok;
    std::optional<double> value;
    HealthLimits limits;
    std::string shown, message, remedy, gives;  // see Measurement
    std::string node;                           // of a cluster
    std::size_t others = 0;                     // nodes besides that one where it is as bad
    bool muted = false;
    bool noted = false;  // of a check that only informs: there is something to know

    /// The value as people read it, with the evidence behind it.
    [[nodiscard]] std::string sentence() const;

    /// Whether it changes the verdict.
    [[nodiscard]] bool counts() const {
        return !muted && !check->informs &&
               (status == HealthStatus::warn || status == HealthStatus::crit);
    }
};

struct HealthVerdict {
    /// `unknown`: it was reached, and it, or a master of the cluster, does not tell what the
    /// verdict goes by; what the others tell is well.
    enum class State { healthy, degraded, down, unknown };

    State state = State::healthy;
    std::vector<HealthFinding> findings;  // in the table's order
    std::optional<Error> failure;         // of `down` and `unknown`: why

    /// The worst that counts, or ok.
    [[nodiscard]] HealthStatus worst() const;
    /// What counts, and has something to do about it: critical ones first.
    [[nodiscard]] std::vector<const HealthFinding*> to_do() const;
};

/// "healthy", "degraded", "down", "unknown"
std::string_view name_of(HealthVerdict::State state);

/// Of servers that were asked. Checks that do not apply to them, or are off, are left out.
HealthVerdict judge_health(const HealthEvidence& evidence, const HealthRules& rules,
                           std::chrono::system_clock::time_point now);

/// Of a server that could not be asked. Throws `failure` if that is not for its own sake: a mistake
/// in the command line, say.
HealthVerdict judge_failure(const Error& failure);

}  // namespace cachectl
