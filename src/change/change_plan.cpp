// The part of change/change.hpp that plans, and keeps to a plan.
#include <fmt/format.h>
#include <sys/stat.h>

#include "change/applied_plan.hpp"
#include "change/change.hpp"
#include "change/plan_file.hpp"
#include "cli/target.hpp"
#include "util/named_error.hpp"
#include "util/shell_path.hpp"
#include "util/text.hpp"

namespace cachectl {

void Change::check_plan_options() const {
    const std::string& file = m_options.plan_file;
    if (file.empty()) {
        return;
    }
    if (m_options.dry_run) {
        throw Error(ExitCode::usage, "--plan and --dry-run exclude each other",
                    "a plan changes nothing either");
    }
    if (m_work.keys.limit != 0 && m_work.keys.keys_from.empty()) {
        throw Error(ExitCode::usage, "--plan and --limit exclude each other",
                    "which keys a walk meets first may be others when the plan is applied");
    }
    if (m_options.plan_valid.count() == 0) {
        throw Error(ExitCode::usage, "--valid 0s: such a plan could never be applied");
    }
    (void)planned_options(*m_options.syntax);
    struct stat facts {};
    if (::lstat(file.c_str(), &facts) == 0) {
        throw Error(ExitCode::local_io, file + " is there already; nothing was sent",
                    "a plan never overwrites: name another file");
    }
}

void Change::keep_to_plan() {
    const AppliedPlan* applied = m_ctx.applied_plan;
    if (applied == nullptr) {
        return;
    }
    if (!applied->plan().context.empty() && applied->plan().context != m_ctx.settings.context) {
        throw NamedError(
            {ExitCode::guard,
             fmt::format("the plan was made in context '{}'; nothing was sent",
                         applied->plan().context),
             fmt::format("with --context {} it can be applied, if its rules allow that",
                         shell_word_if_needed(applied->plan().context))},
            "guard-plan-context");
    }
    const auto& patterns = applied->plan().protected_patterns;
    std::vector<std::string>& spared = m_rules.guards.protected_patterns;
    spared.insert(spared.end(), patterns.begin(), patterns.end());
    // Where there is nobody to ask, the plan is the consent.
    m_rules.consent.yes |= !m_ctx.ask;
    m_allowed = applied->most_keys();
    m_summary.plan_file = applied->path();
    m_work.go_on = "to go on with the rest, plan anew";
}

void Change::write_plan() {
    if (m_options.plan_file.empty() || !m_summary.complete) {
        return;
    }
    Plan plan;
    plan.command = m_work.command;
    plan.options = planned_options(*m_options.syntax);
    if (!m_options.delimiter) {
        // What it comes from, a policy, may say otherwise when the plan is applied.
        plan.options.push_back({"--delimiter", {m_rules.delimiter}});
    }
    plan.list_digest = list_digest(plan.options);
    plan.protected_patterns = m_rules.guards.protected_patterns;
    plan.context = m_ctx.settings.context;
    plan.target = m_summary.target;
    plan.database = m_ctx.settings.address.db;
    plan.servers = server_processes(*m_client);
    plan.made_at = std::chrono::time_point_cast<std::chrono::milliseconds>(m_ctx.wall_now());
    plan.valid_until = add_clamped(plan.made_at, m_options.plan_valid);
    plan.keys = planned();
    plan.namespaces = m_summary.namespaces;
    plan.sample = m_summary.sample;
    cachectl::write_plan(m_options.plan_file, plan);
    m_summary.plan_file = m_options.plan_file;
    m_summary.plan_valid_until = plan.valid_until;
    m_summary.apply_command =
        command_for(m_ctx.settings) + " apply " + shell_path(m_options.plan_file);
}

}  // namespace cachectl
