#include "warm/release_plan.hpp"

#include <doctest/doctest.h>

#include "util/error.hpp"

using namespace cachectl;

namespace {

ReleasePlan plan(const std::vector<std::string>& set, const std::vector<std::string>& sync,
                 const std::string& switch_to) {
    TemplateValues values;
    for (const std::string& text : set) {
        values.add(text);
    }
    return ReleasePlan::of(sync, switch_to, values);
}

ExitCode refused(const std::vector<std::string>& set, const std::vector<std::string>& sync,
                 const std::string& switch_to) {
    try {
        plan(set, sync, switch_to);
    } catch (const Error& error) {
        return error.code();
    }
    return ExitCode::ok;
}

}  // namespace

TEST_CASE("a pointer gets the only value that is set, or what stands behind its '='") {
    CHECK(plan({"r=v42"}, {}, "c:current").pointer->value == "v42");
    CHECK(plan({"r=v42"}, {}, "c:current").pointer->key == "c:current");
    CHECK(plan({"r=v42", "env=eu"}, {}, "{env}:current=c={r}").pointer->value == "c=v42");
    CHECK(plan({"r=v42", "env=eu"}, {}, "{env}:current=c={r}").pointer->key == "eu:current");
    CHECK(plan({}, {}, "c:current=v42").pointer->value == "v42");
    CHECK_FALSE(plan({}, {"c:*"}, "").pointer.has_value());
}

TEST_CASE("a pointer without a value, or that is none, is a usage error") {
    CHECK(refused({}, {}, "c:current") == ExitCode::usage);
    CHECK(refused({"a=1", "b=2"}, {}, "c:current") == ExitCode::usage);
    CHECK(refused({"a=1"}, {}, "c:current=") == ExitCode::usage);
    CHECK(refused({"a=1"}, {}, "=v") == ExitCode::usage);
    CHECK(refused({"release=v1"}, {}, "c:current={rel}") == ExitCode::usage);
    CHECK(refused({"release=v1"}, {}, "{c}:current={release}") == ExitCode::ok);
}

TEST_CASE("a pattern that every key matches is refused, also when it becomes one") {
    CHECK(refused({}, {"*"}, "") == ExitCode::guard);
    CHECK(refused({}, {"c:*", "?*"}, "") == ExitCode::guard);
    CHECK(refused({}, {""}, "") == ExitCode::guard);
    CHECK(refused({}, {"c:[a"}, "") == ExitCode::usage);
    CHECK(plan({"r=*"}, {"{r}*"}, "").patterns == std::vector<std::string>{"\\**"});
}
