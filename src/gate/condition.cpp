#include "gate/condition.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

/// Rounded down: 80.0 % is said only when it is reached.
std::string percent(double ratio) {
    constexpr double k_slack = 1e-9;
    return fmt::format("{:.1f} %", std::floor(ratio * 1'000 + k_slack) / 10);
}

std::string text_of(const Condition::Value& value, Condition::Unit unit) {
    if (const auto* const yes = std::get_if<bool>(&value)) {
        return *yes ? "yes" : "no";
    }
    if (const auto* const ratio = std::get_if<double>(&value)) {
        return percent(*ratio);
    }
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return unit == Condition::Unit::milliseconds
                   ? format_duration(std::chrono::milliseconds(*number))
                   : format_count(static_cast<std::uint64_t>(*number));
    }
    return "not known";
}

}  // namespace

void Condition::holds(Value seen) {
    value = seen;
    ok = true;
    reason.clear();
}

void Condition::fails(Value seen, std::string why) {
    value = seen;
    ok = false;
    reason = std::move(why);
}

void Condition::unseen(std::string why) {
    ok = false;
    reason = std::move(why);
}

std::string value_text(const Condition& condition) {
    return text_of(condition.value, condition.unit);
}

std::string wanted_text(const Condition& condition) {
    const std::string text = text_of(condition.wanted, condition.unit);
    switch (condition.unit) {
        case Condition::Unit::none:
            break;
        case Condition::Unit::keys:
        case Condition::Unit::ratio:
            return "at least " + text;
        case Condition::Unit::milliseconds:
            return "at most " + text;
    }
    return text;
}

std::string missing_text(const Condition& condition) {
    std::string text = fmt::format("{} {}, wanted {}", condition.title, value_text(condition),
                                   wanted_text(condition));
    if (!condition.reason.empty()) {
        text += fmt::format(" ({})", condition.reason);
    }
    return text;
}

std::string_view name_of(Condition::Unit unit) {
    switch (unit) {
        case Condition::Unit::none:
            break;
        case Condition::Unit::keys:
            return "keys";
        case Condition::Unit::ratio:
            return "ratio";
        case Condition::Unit::milliseconds:
            return "ms";
    }
    return {};
}

}  // namespace cachectl
