// The commands there are. Adding one: a file beside this one, its add_…() here, its row in the
// table with the ACL rights that it needs.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace cachectl {

std::span<const Command> command_table();

void add_completion(CLI::App& app, Action& action);
void add_expire(CLI::App& app, Action& action);
void add_flush(CLI::App& app, Action& action);
void add_get(CLI::App& app, Action& action);
void add_invalidate(CLI::App& app, Action& action);
void add_keys(CLI::App& app, Action& action);
void add_stats(CLI::App& app, Action& action);
void add_ttl(CLI::App& app, Action& action);
void add_warm(CLI::App& app, Action& action);

}  // namespace cachectl
