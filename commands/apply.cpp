// apply: carry out what --plan has written, if it is still true.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "change/applied_plan.hpp"
#include "change/options.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "output/format.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

struct ApplyOptions {
    std::string file;
    double tolerance = 0.05;
    ChangeOptions change;  // consent and output, which are handed on
    const CommandSyntax* syntax = nullptr;
};

const Command& command_of(const Plan& plan) {
    for (const Command& command : command_table()) {
        if (command.name == plan.command && command.group == "Change" && plan.command != "apply") {
            return command;
        }
    }
    throw Error(
        ExitCode::bad_input,
        fmt::format("the plan is for '{}', which is no command that can be planned", plan.command));
}

void set_option(CommandEntry& entry, const std::string& name,
                const std::vector<std::string>& values) {
    for (Option& option : entry.syntax.options()) {
        if (option.name() == name) {
            option.set(values);
            return;
        }
    }
    throw Error(ExitCode::bad_input, fmt::format("the plan gives {}, which {} does not know", name,
                                                 entry.syntax.name()));
}

/// What `apply` was given besides the plan.
void hand_on(const CommandSyntax& syntax, CommandEntry& entry) {
    constexpr std::array<std::string_view, 5> k_handed_on = {"--dry-run", "--yes", "--confirm",
                                                             "--output", "--json"};
    for (const Option& option : syntax.options()) {
        const bool is_common =
            std::find(k_handed_on.begin(), k_handed_on.end(), option.name()) != k_handed_on.end();
        if (is_common && !option.values().empty()) {
            set_option(entry, option.name(), option.values());
        }
    }
}

/// What the plan's file says is in the audit log too: the file may be gone when it is read.
void note_plan(const Plan& plan, AuditTrail& audit) {
    audit.note_asked_for("planned_command", {plan.command});
    for (const auto& [name, values] : plan.options) {
        audit.note_asked_for("planned " + name, values);
    }
}

ExitCode run_apply(Context& ctx, const ApplyOptions& options) {
    const AppliedPlan applied(
        options.file, options.tolerance,
        std::chrono::time_point_cast<std::chrono::milliseconds>(ctx.wall_now()));
    CommandEntry entry(command_of(applied.plan()));
    entry.command->add(entry.syntax, entry.action);
    for (const auto& [name, values] : applied.plan().options) {
        set_option(entry, name, values);
    }
    hand_on(*options.syntax, entry);
    if (ctx.audit) {
        note_plan(applied.plan(), *ctx.audit);
    }
    ctx.applied_plan = &applied;
    const ExitCode code = entry.action(ctx);
    ctx.applied_plan = nullptr;
    return code;
}

/// As add_consent_options(); where nobody can be asked, the plan is the consent.
void add_apply_consent(CommandSyntax& syntax, ChangeOptions& change) {
    syntax.add_flag("-y,--yes", change.yes, "Do not ask on a terminal either").group("Safety");
    add_text_option(
        syntax, "--confirm", change.server_name, "NAME",
        "Go on only if this is the name of the context or of the server, and do not ask")
        .group("Safety");
}

double parse_tolerance(const std::string& text) { return text == "0" ? 0 : parse_percent(text); }

void add_apply(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<ApplyOptions>();
    options->syntax = &syntax;
    syntax.description(
        "Carry out what a change has written with --plan: the same choice of keys, with the same "
        "delimiter and guards, and with what was protected then or is now. It counts again first, "
        "and refuses "
        "(8) if the server is another one or was restarted, if the plan is too old or was carried "
        "out before, or if the counts have changed by more than --tolerance; it says what differs. "
        "Where there is no terminal to ask on, the plan is the consent.");
    add_text_option(syntax, "PLAN", options->file, "", "The file that --plan has written")
        .required();
    add_parsed_option(syntax, "--tolerance", options->tolerance, parse_tolerance, "PERCENT",
                      "By how much counts, in all and by namespace, may differ (default: 5%)")
        .group("Safety");
    syntax.add_flag("--dry-run", options->change.dry_run, "Only tell whether it is still true")
        .changes_nothing()
        .group("Safety");
    add_apply_consent(syntax, options->change);
    add_output_options(syntax, options->change.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson},
                       OutputOf::summary);
    syntax.footer(
        "Examples:\n"
        "  cachectl apply clear.json --dry-run\n"
        "      whether the plan is still true\n"
        "  cachectl apply clear.json --tolerance 1%\n"
        "      do it, if about as many keys match as when it was planned\n");
    action = [options](Context& ctx) { return run_apply(ctx, *options); };
}

}  // namespace

Command apply_command() {
    return {"apply", "Change", "Carry out what --plan has written", Command::Needs::server,
            add_apply};
}

}  // namespace cachectl
