#include "warm/release_plan.hpp"

#include <fmt/format.h>

#include "keyspace/glob.hpp"
#include "util/error.hpp"
#include "warm/stop.hpp"

namespace cachectl {

namespace {

std::string pattern_of(const std::string& text, TemplateValues& values) {
    std::string pattern = values.in_pattern(text);
    if (is_catch_all(pattern)) {
        throw WarmStop(
            {ExitCode::guard,
             fmt::format("--sync '{}' would delete every key that this run does not make; "
                         "nothing was sent",
                         pattern),
             "name the namespace, as in 'courses:*'; is a variable of the shell not set?"},
            "guard-empty-pattern");
    }
    if (const auto problem = glob_problem(pattern)) {
        throw Error(ExitCode::usage, *problem);
    }
    return pattern;
}

ReleasePlan::Pointer pointer_of(const std::string& text, TemplateValues& values) {
    const auto equals = text.find('=');
    ReleasePlan::Pointer pointer{.key = values.in_text(text.substr(0, equals)), .value = {}};
    if (equals != std::string::npos) {
        const std::string value = text.substr(equals + 1);
        pointer.value = values.in_text(value);
        values.check_filled("--switch", value);
    } else if (const auto value = values.only_value()) {
        pointer.value = *value;
    } else {
        throw Error(ExitCode::usage, fmt::format("--switch '{}': what shall it be set to?", text),
                    values.size() == 0
                        ? "--set release=v42 says it, or --switch 'KEY=TEXT'"
                        : "several values are set; --switch 'KEY={NAME}' says which is meant");
    }
    if (pointer.key.empty() || pointer.value.empty()) {
        throw Error(ExitCode::usage,
                    fmt::format("--switch '{}' is neither KEY nor KEY=TEXT", text));
    }
    return pointer;
}

}  // namespace

ReleasePlan ReleasePlan::of(const std::vector<std::string>& sync, const std::string& switch_to,
                            TemplateValues& values) {
    ReleasePlan plan;
    for (const std::string& text : sync) {
        plan.patterns.push_back(pattern_of(text, values));
    }
    if (!switch_to.empty()) {
        plan.pointer = pointer_of(switch_to, values);
    }
    return plan;
}

}  // namespace cachectl
