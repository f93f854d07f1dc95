// The commands there are. Adding one: a file beside this one, its add_…() here, its row in the
// table with the ACL rights that it needs.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace cachectl {

std::span<const Command> command_table();

void add_completion(CommandSyntax& syntax, Action& action);
void add_expire(CommandSyntax& syntax, Action& action);
void add_flush(CommandSyntax& syntax, Action& action);
void add_get(CommandSyntax& syntax, Action& action);
void add_invalidate(CommandSyntax& syntax, Action& action);
void add_keys(CommandSyntax& syntax, Action& action);
void add_stats(CommandSyntax& syntax, Action& action);
void add_ttl(CommandSyntax& syntax, Action& action);
void add_warm(CommandSyntax& syntax, Action& action);

}  // namespace cachectl
