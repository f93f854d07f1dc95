// Files of plans: what is read is written to what is read the same, and what is marked as carried
// out is refused.
#include "change/plan_file.hpp"

#include <string>

#include "fuzz/target.hpp"
#include "util/error.hpp"
#include "util/named_error.hpp"

namespace cachectl {

namespace {

constexpr const char* k_path = "plan.json";

void expect_used(std::string text, std::size_t state_at) {
    text.replace(state_at, k_applied_state.size(), k_applied_state);
    try {
        parse_plan(text, k_path);
    } catch (const NamedError& error) {
        expect(error.id == "guard-plan-used" && error.code() == ExitCode::guard,
               "a plan that was carried out is guarded");
        return;
    }
    throw BrokenPromise("a plan is carried out once");
}

}  // namespace

void fuzz_plan_file(std::string_view input) {
    try {
        const ParsedPlan read = parse_plan(input, k_path);
        expect_used(std::string(input), read.state_at);
        expect(read.plan.database <= 2'147'483'647U, "a database is one of a server");

        const std::string text = to_text(read.plan);
        const ParsedPlan again = parse_plan(text, k_path);
        expect_same(text, to_text(again.plan), "a plan is read back");
        expect(again.plan.options == read.plan.options &&
                   again.plan.namespaces == read.plan.namespaces &&
                   again.plan.protected_patterns == read.plan.protected_patterns &&
                   again.plan.servers == read.plan.servers &&
                   again.plan.made_at == read.plan.made_at &&
                   again.plan.valid_until == read.plan.valid_until,
               "what a plan says is written");
        expect_used(text, again.state_at);
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input || error.code() == ExitCode::guard,
               "what is no plan is bad input");
        expect(std::string_view(error.what()).starts_with(k_path), "it names its file");
    }
}

}  // namespace cachectl
