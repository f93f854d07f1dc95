// The flags that the commands which change keys share: consent, guards, protection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "change/confirm.hpp"
#include "change/guard.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/slot_gaps.hpp"
#include "keyspace/key_filter.hpp"
#include "output/format.hpp"

namespace cachectl {

struct ChangeOptions {
    bool yes = false;
    std::optional<std::string> server_name;  // --confirm
    bool all = false;
    bool dry_run = false;
    std::optional<std::uint64_t> max_keys;
    std::optional<CountRange> expect;
    std::vector<std::string> protect;
    std::string policy_file;
    std::optional<std::string> delimiter;
    bool fail_if_none = false;
    bool retry_unknown = false;
    bool allow_del = false;
    bool include_neighbours = false;
    Partial partial = Partial::no;
    std::string backup_file;  // empty: none
    bool allow_slow_dump = false;
    std::string plan_file;  // empty: none is made
    std::chrono::milliseconds plan_valid = std::chrono::hours(1);
    const CommandSyntax* syntax = nullptr;  // whose options a plan holds
    FormatChoice output;
};

/// --dry-run, --yes, --confirm, --max-keys, --expect, --protect, --policy, --delimiter,
/// --fail-if-none, and -o.
void add_guard_options(CommandSyntax& syntax, ChangeOptions& options);
/// These, and what goes with keys that a walk finds: --retry-unknown, --partial.
void add_change_options(CommandSyntax& syntax, ChangeOptions& options);
/// --yes and --confirm by themselves.
void add_consent_options(CommandSyntax& syntax, ChangeOptions& options, const std::string& group);
/// --partial by itself.
void add_partial_option(CommandSyntax& syntax, Partial& partial, const std::string& group);
/// --all, for commands that take patterns.
void add_all_option(CommandSyntax& syntax, ChangeOptions& options);
/// --plan and --valid.
void add_plan_options(CommandSyntax& syntax, ChangeOptions& options);
/// --backup and --allow-slow-dump, for commands whose keys are walked.
void add_backup_options(CommandSyntax& syntax, ChangeOptions& options);
/// --include-neighbours, for commands that take patterns or whole databases.
void add_neighbours_option(CommandSyntax& syntax, ChangeOptions& options);
/// --allow-del, for commands that delete.
void add_allow_del_option(CommandSyntax& syntax, ChangeOptions& options);

/// What the flags, the context and the policy say together.
struct ChangeRules {
    Guards guards;
    Consent consent;
    std::string delimiter;  // between a namespace and the rest of a key
};

/// Reads the policy file. Throws Error(usage) for a mistake in it and for a glob of --protect
/// that would protect nothing.
ChangeRules make_change_rules(const ChangeOptions& options, const Settings& settings);

/// Throws Error, before anything is sent, for patterns that the guards refuse and for an
/// exclusion that excludes nothing.
void check_filter(const KeyFilter& filter, const Guards& guards);

/// A change of the server and context of the settings, of which no more is known yet. `verb` as in
/// PlannedChange.
PlannedChange planned_on(const Context& ctx, std::string verb);

enum class Question { not_needed, needed };

/// Whether a person will have to be asked. Throws NamedError(guard) if nobody can be, or if
/// --confirm names another server. `verb` as in PlannedChange.
Question check_consent(const Consent& consent, const Context& ctx, const std::string& verb);

}  // namespace cachectl
