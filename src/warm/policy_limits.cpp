#include "warm/policy_limits.hpp"

#include <fmt/format.h>

#include "util/text.hpp"
#include "warm/stop.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_warnings = 5;
constexpr const char* k_id = "guard-policy";

[[noreturn]] void refuse(const KeyPolicy& policy, const KeyRule& rule, std::string_view key,
                         const std::string& why) {
    throw WarmStop({ExitCode::guard, fmt::format("'{}' {}; {}:{} ('{}')", key, why, policy.file,
                                                 rule.line, rule.pattern)},
                   k_id);
}

void check_rule(const KeyPolicy& policy, const KeyRule& rule, std::string_view key,
                std::size_t bytes, std::optional<std::chrono::milliseconds> ttl) {
    if (rule.max_ttl && !ttl) {
        refuse(policy, rule, key,
               "would never expire, and its max_ttl is " + format_duration(*rule.max_ttl));
    }
    if (rule.max_ttl && *ttl > *rule.max_ttl) {
        refuse(policy, rule, key,
               fmt::format("would live for {}, and its max_ttl is {}", format_duration(*ttl),
                           format_duration(*rule.max_ttl)));
    }
    if (rule.max_size && bytes > *rule.max_size) {
        refuse(policy, rule, key,
               fmt::format("takes {}, and its max_size is {}", format_size(bytes),
                           format_size(*rule.max_size)));
    }
}

}  // namespace

void PolicyLimits::check(std::string_view key, std::size_t bytes,
                         std::optional<std::chrono::milliseconds> ttl, const Warn& warn) {
    for (const KeyPolicy& policy : m_policies) {
        const KeyRule* rule = policy.find(key);
        if (rule != nullptr) {
            return check_rule(policy, *rule, key, bytes, ttl);
        }
    }
    if (!m_policies.empty()) {
        check_unknown(key, warn);
    }
}

void PolicyLimits::check_pointer(std::string_view key, std::size_t bytes, const Warn& warn) {
    for (const KeyPolicy& policy : m_policies) {
        const KeyRule* rule = policy.find(key);
        if (rule == nullptr) {
            continue;
        }
        if (rule->ttl && !rule->max_ttl) {
            refuse(policy, *rule, key,
                   "would never expire, as a pointer of --switch must not, and its ttl is " +
                       format_duration(*rule->ttl));
        }
        return check_rule(policy, *rule, key, bytes, std::nullopt);
    }
    if (!m_policies.empty()) {
        check_unknown(key, warn);
    }
}

void PolicyLimits::check_unknown(std::string_view key, const Warn& warn) {
    const KeyPolicy& policy = m_policies.front();
    if (policy.unknown == UnknownKeys::ignore) {
        return;
    }
    if (policy.unknown == UnknownKeys::fail) {
        throw WarmStop(
            {ExitCode::guard, fmt::format("'{}' is of no pattern of {}", key, policy.file),
             R"(give it a rule, or say "unknown": "warn" or "ignore" there)"},
            k_id);
    }
    if (++m_warned <= k_warnings) {
        warn(fmt::format("'{}' is of no pattern of {}", key, policy.file));
    } else if (m_warned == k_warnings + 1) {
        warn("and more keys of none");
    }
}

}  // namespace cachectl
