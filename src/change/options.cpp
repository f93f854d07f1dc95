#include "change/options.hpp"

#include <utility>

#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "keyspace/policy.hpp"
#include "keyspace/sparing_glob.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

constexpr const char* k_group = "Safety";

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

void add_guard_options(CommandSyntax& syntax, ChangeOptions& options) {
    syntax.add_flag("--dry-run", options.dry_run, "Walk and count as ever, but change nothing")
        .group(k_group)
        .changes_nothing();
    add_consent_options(syntax, options, k_group);
    add_parsed_option(
        syntax, "--max-keys", options.max_keys,
        [](const std::string& text) { return parse_count(text, "a number of keys"); }, "N",
        "Change nothing if more keys than this would be changed")
        .group(k_group);
    add_parsed_option(syntax, "--expect", options.expect, parse_count_range, "MIN..MAX",
                      "Change nothing unless so many keys would be changed")
        .group(k_group);
    add_text_option(syntax, "--protect", options.protect, "GLOB",
                    "Never touch keys that match this glob (repeatable)")
        .group(k_group);
    add_text_option(syntax, "--policy", options.policy_file, "FILE",
                    "Key policy whose protected keys are never touched")
        .group(k_group);
    add_text_option(syntax, "--delimiter", options.delimiter, "TEXT",
                    "What ends a key's namespace (default: the policy's, else ':')")
        .group("Output");
    syntax.add_flag("--fail-if-none", options.fail_if_none, "Exit with 1 if no key matches")
        .group(k_group);
    add_output_options(syntax, options.output,
                       {Format::table, Format::plain, Format::json, Format::ndjson},
                       OutputOf::summary);
}

void add_change_options(CommandSyntax& syntax, ChangeOptions& options) {
    add_guard_options(syntax, options);
    syntax
        .add_flag("--retry-unknown", options.retry_unknown,
                  "Send again what was lost with the connection, but for what would be done twice "
                  "(expire --add); what is done by then counts as ours")
        .group(k_group);
    add_partial_option(syntax, options.partial, k_group);
}

void add_consent_options(CommandSyntax& syntax, ChangeOptions& options, const std::string& group) {
    syntax
        .add_flag("-y,--yes", options.yes,
                  "Do not ask; required where there is no terminal to ask on, and together with "
                  "--context where that is production")
        .group(group);
    add_text_option(syntax, "--confirm", options.server_name, "NAME",
                    "Go on only if the server is this one (its host, HOST:PORT or socket, or the "
                    "name of its context), and do not ask")
        .group(group);
}

void add_partial_option(CommandSyntax& syntax, Partial& partial, const std::string& group) {
    syntax
        .add_flag(
            "--partial", [&partial] { partial = Partial::yes; },
            "On a cluster of which some slots are out of reach: go on without these (exit 5)")
        .group(group);
}

void add_all_option(CommandSyntax& syntax, ChangeOptions& options) {
    syntax.add_flag("--all", options.all, "Allow a pattern that matches every key, such as '*'")
        .group(k_group);
}

void add_plan_options(CommandSyntax& syntax, ChangeOptions& options) {
    options.syntax = &syntax;
    add_text_option(syntax, "--plan", options.plan_file, "FILE",
                    "Count only, ask nothing, and write to this new file what would be done; "
                    "cachectl apply does it, if it is still true")
        .changes_nothing()
        .group(k_group);
    add_parsed_option(syntax, "--valid", options.plan_valid, parse_duration, "DUR",
                      "How long a plan may be applied (default: 1h)")
        .group(k_group);
}

void add_backup_options(CommandSyntax& syntax, ChangeOptions& options) {
    add_text_option(syntax, "--backup", options.backup_file, "FILE",
                    "Save each key in this new file before it is changed; cachectl restore puts "
                    "them back")
        .group(k_group);
    syntax
        .add_flag("--allow-slow-dump", options.allow_slow_dump,
                  "With --backup: also save large streams and other values that the server can "
                  "only tell at once, which holds it up; else they are left and listed")
        .group(k_group);
}

void add_neighbours_option(CommandSyntax& syntax, ChangeOptions& options) {
    syntax
        .add_flag(
            "--include-neighbours", options.include_neighbours,
            "Where every key is meant and nobody is asked: go on although some look like other "
            "programs' job queues, sessions or locks")
        .group(k_group);
}

void add_allow_del_option(CommandSyntax& syntax, ChangeOptions& options) {
    syntax
        .add_flag(
            "--allow-del", options.allow_del,
            "Use DEL where the server has no UNLINK or does not permit it; keys that it would "
            "hold the server for are left and listed")
        .group(k_group);
}

ChangeRules make_change_rules(const ChangeOptions& options, const Settings& settings) {
    ChangeRules rules;
    rules.guards.allow_all = options.all ? AllowAll::yes : AllowAll::no;
    rules.guards.max_keys = options.max_keys;
    rules.guards.expect = options.expect;
    check_sparing_globs(options.protect, "--protect");
    append(rules.guards.protected_patterns, options.protect);
    append(rules.guards.protected_patterns, settings.protected_patterns);
    rules.delimiter = ":";
    // The context's policy protects even where another is named.
    for (const std::string& file : {settings.policy_file, options.policy_file}) {
        if (file.empty()) {
            continue;
        }
        const KeyPolicy policy = read_key_policy(file);
        append(rules.guards.protected_patterns, policy.protected_patterns());
        rules.delimiter = policy.delimiter;
    }
    if (options.delimiter) {
        rules.delimiter = *options.delimiter;
    }

    rules.consent.yes = options.yes;
    rules.consent.server_name = options.server_name;
    rules.consent.always = settings.confirm == ConfirmMode::always;
    rules.consent.name_required =
        rules.consent.always || settings.production ? NameRequired::yes : NameRequired::no;
    rules.consent.context_is_chosen = settings.context_is_chosen;
    rules.consent.server_is_of_context = settings.server_is_of_context;
    return rules;
}

void check_filter(const KeyFilter& filter, const Guards& guards) {
    guards.check_patterns(filter.patterns);
    check_sparing_globs(filter.excludes, "--exclude");
}

PlannedChange planned_on(const Context& ctx, std::string verb) {
    PlannedChange change;
    change.verb = std::move(verb);
    change.server = ctx.settings.address;
    change.context = ctx.settings.context;
    change.production = ctx.settings.production;
    return change;
}

Question check_consent(const Consent& consent, const Context& ctx, const std::string& verb) {
    const bool is_settled =
        is_confirmed(planned_on(ctx, verb), consent, ctx.ask ? OnTerminal::yes : OnTerminal::no);
    return is_settled ? Question::not_needed : Question::needed;
}

}  // namespace cachectl
