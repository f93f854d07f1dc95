// A check of health: what is measured, from which figure on it is bad, and what its manual says.
// The table of all checks is in checks.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "health/evidence.hpp"

namespace cachectl {

enum class HealthStatus { ok, warn, crit, unknown };

/// "ok", "warn", "crit", "unknown"
std::string_view name_of(HealthStatus status);

/// From where on a measured value is bad; none: never. A value that reaches its limit counts, and a
/// limit of 0 means any value above 0. Of checks that go by a value which is too low: one that is
/// below its limit counts.
struct HealthLimits {
    std::optional<double> warn = {}, crit = {};

    [[nodiscard]] bool any() const { return warn || crit; }
};

/// What a check has found on one server, or on all of them together.
struct Measurement {
    enum class Kind { measured, unknown, not_applicable };

    Kind kind = Kind::measured;
    std::optional<double> value = {};  // in the check's unit; nothing: there is none, and it is ok
    std::string shown = {};            // the value as people read it: "91.0 % of 2.0 GiB"
    std::string message = {};          // the evidence, one sentence without its full stop
    std::string remedy = {};           // a command to paste, or else a sentence
    std::string gives = {};            // what the remedy does, in a few words
    std::optional<HealthLimits> limits = {};   // that hold here in place of the check's defaults
    bool is_harmless = false;                  // no value is bad here, whatever the limits are
    HealthStatus at_least = HealthStatus::ok;  // whatever the value and the limits are

    static Measurement not_applicable() { return {.kind = Kind::not_applicable}; }
    /// `why` is the missing right, or what the server does not tell.
    static Measurement unknown(std::string why) {
        return {.kind = Kind::unknown, .message = std::move(why)};
    }
};

struct HealthCheck {
    enum class Unit { flag, count, ratio, bytes, seconds, per_second };
    enum class Bad { high, low };
    enum class Shown { always, when_bad };  // in the table for people, of checks that are ok

    using OfNode = Measurement (*)(const NodeEvidence&, const HealthEvidence&);
    using OfAll = Measurement (*)(const HealthEvidence&);

    std::string_view id;     // stable: "HIT_RATIO_LOW"
    std::string_view title;  // for people: "hit ratio"
    Unit unit;
    Bad bad;
    HealthLimits limits;  // neither: the check is off unless the policy file has limits for it
    std::variant<OfNode, OfAll> measure;
    std::string_view about;  // for the manual: sentences with full stops
    Shown shown = Shown::when_bad;
    bool informs = false;  // it never changes the verdict
};

/// All checks, in the order in which they are told.
std::span<const HealthCheck> health_checks();

/// Null if there is none of that id.
const HealthCheck* find_health_check(std::string_view id);

/// "ratio 0 to 1", "bytes": what a limit of the check is counted in.
std::string_view describe(HealthCheck::Unit unit);

}  // namespace cachectl
