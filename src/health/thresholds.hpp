// What a team has changed of the checks: limits and mutes, in the members "health" and "mute" of
// its policy file.
//
//   {"health": {"HIT_RATIO_LOW": {"warn": 0.9, "crit": 0.5}, "BIG_KEYS": "off"},
//    "mute": {"EVICTIONS": "2026-12-01"}}
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "health/check.hpp"
#include "util/json_file.hpp"

namespace cachectl {

struct HealthRules {
    /// By id. Both empty: the check is off.
    std::map<std::string, HealthLimits, std::less<>> limits;
    /// By id, until when; k_always for those of --mute.
    std::map<std::string, std::chrono::system_clock::time_point, std::less<>> muted_until;

    static constexpr auto k_always = std::chrono::system_clock::time_point::max();

    [[nodiscard]] bool is_muted(std::string_view id,
                                std::chrono::system_clock::time_point now) const;
};

/// Of a policy file. Error(usage, "FILE:LINE: …") for an id that is none, or a value that cannot
/// be meant.
HealthRules read_health_rules(const std::string& policy_file);
/// Of the root of one.
HealthRules parse_health_rules(const JsonValue& root);

/// Throws Error(usage), with the nearest id, if there is no such check.
void check_health_id(const std::string& id);

}  // namespace cachectl
