#include "health/thresholds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::system_clock;

std::string nearest_to(std::string_view id) {
    const auto checks = health_checks();
    const auto nearest = std::min_element(
        checks.begin(), checks.end(), [&](const HealthCheck& a, const HealthCheck& b) {
            return edit_distance(a.id, id) < edit_distance(b.id, id);
        });
    return fmt::format("did you mean {}? cachectl-health(5) lists the checks", nearest->id);
}

std::optional<double> parse_limit(const JsonValue* value) {
    if (value == nullptr || value->type() == JsonValue::Type::null) {
        return std::nullopt;
    }
    const double limit = std::strtod(value->number_text().c_str(), nullptr);
    if (limit < 0) {
        value->fail("must not be below 0");
    }
    return limit;
}

HealthLimits parse_limits(const HealthCheck& check, const JsonValue& value) {
    if (value.type() == JsonValue::Type::string) {
        if (value.as_string() != "off") {
            value.fail(R"(must be "off" or {"warn": NUMBER, "crit": NUMBER})");
        }
        return {};
    }
    value.allow_only({"warn", "crit"});
    const HealthLimits limits{parse_limit(value.find("warn")), parse_limit(value.find("crit"))};
    if (!limits.any()) {
        value.fail(R"(has neither "warn" nor "crit"; "off" switches the check off)");
    }
    const bool crossed = limits.warn && limits.crit &&
                         (check.bad == HealthCheck::Bad::high ? *limits.crit < *limits.warn
                                                              : *limits.crit > *limits.warn);
    if (crossed) {
        value.fail("would be critical before it warns");
    }
    return limits;
}

/// The clock counts nanoseconds, and its last year is 2262.
Clock::time_point clamped(std::time_t time) {
    const std::chrono::seconds at(time);
    const auto last = std::chrono::floor<std::chrono::seconds>(Clock::duration::max());
    return Clock::time_point(std::clamp(at, -last, last));
}

/// "2026-12-01": at the beginning of that day, in UTC; or as far away as the clock can tell.
Clock::time_point parse_date(const JsonValue& value) {
    const std::string& text = value.as_text();
    std::tm date{};
    const char* const end = ::strptime(text.c_str(), "%Y-%m-%d", &date);
    if (end == nullptr || *end != '\0' || text.size() != 10) {
        value.fail(fmt::format("must be a date such as \"2026-12-01\", not \"{}\"", text));
    }
    const int day = date.tm_mday;
    const std::time_t time = ::timegm(&date);
    if (date.tm_mday != day) {  // which timegm() has put right
        value.fail(fmt::format("is no day of the calendar: \"{}\"", text));
    }
    return clamped(time);
}

const HealthCheck& check_of(const JsonMember& member) {
    const HealthCheck* check = find_health_check(member.name);
    if (check == nullptr) {
        member.value.fail("is no check of health", nearest_to(member.name));
    }
    return *check;
}

}  // namespace

bool HealthRules::is_muted(std::string_view id, Clock::time_point now) const {
    const auto found = muted_until.find(id);
    return found != muted_until.end() && now < found->second;
}

HealthRules parse_health_rules(const JsonValue& root) {
    HealthRules rules;
    if (const JsonValue* health = root.find("health")) {
        for (const JsonMember& member : health->as_object()) {
            rules.limits[member.name] = parse_limits(check_of(member), member.value);
        }
    }
    if (const JsonValue* mute = root.find("mute")) {
        for (const JsonMember& member : mute->as_object()) {
            rules.muted_until[std::string(check_of(member).id)] = parse_date(member.value);
        }
    }
    return rules;
}

HealthRules read_health_rules(const std::string& policy_file) {
    return parse_health_rules(read_json_file(policy_file, Writers::owner_only));
}

void check_health_id(const std::string& id) {
    if (find_health_check(id) == nullptr) {
        throw Error(ExitCode::usage, "'" + id + "' is no check of health", nearest_to(id));
    }
}

}  // namespace cachectl
