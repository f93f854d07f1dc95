// What every command that changes a server does before its own work and after it, in one place:
// its audit log, and whether its context allows changes at all.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"

namespace cachectl {

/// --audit-log, which all commands have that change.
void add_audit_log_option(CommandSyntax& syntax, GlobalOptions& globals);

/// Whether the command that was parsed is to change something on a server: not in a dry run.
bool is_change(CommandTree& tree);

/// Before a change, when the settings are known and nothing has been sent. `words` is the command
/// line. Throws NamedError: (guard, "read-only") where the context is only for looking, and
/// (local_io, "audit-log") where the log that is wanted cannot be written to.
void prepare_change(CommandTree& tree, const std::vector<std::string>& words, Context& ctx,
                    const Environment& environment);

/// After any run, with its exit code. Throws Error(local_io) if the audit log does not take the
/// run's last line.
void finish_change(Context& ctx, ExitCode code);

}  // namespace cachectl
