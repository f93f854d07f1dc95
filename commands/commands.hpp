// The commands there are. Adding one: a file beside this one with its whole row (name, group,
// summary, options, ACL rights), its declaration here, and its place in the sorted list of
// commands.cpp.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace cachectl {

/// Sorted by their names.
std::span<const Command> command_table();

Command apply_command();
Command audit_command();
Command audit_log_command();
Command capabilities_command();
Command completion_command();
Command context_command();
Command diff_command();
Command du_command();
Command expire_command();
Command flush_command();
Command get_command();
Command health_command();
Command hot_command();
Command invalidate_command();
Command keys_command();
Command restore_command();
Command snapshot_command();
Command stats_command();
Command ttl_command();
Command wait_command();
Command warm_command();

}  // namespace cachectl
