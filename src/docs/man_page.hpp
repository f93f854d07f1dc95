// The manual pages of section 1, written from the command tree.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/outline.hpp"

namespace cachectl {

/// cachectl(1): commands, the options of every command, environment, files, exit status.
/// `table` is what `outline` was read from.
std::string program_page(const ProgramOutline& outline, std::span<const Command> table);

/// cachectl-COMMAND(1).
std::string command_page(const CommandOutline& command);

struct DocumentedVariable {
    std::string_view name;
    std::string_view meaning;
};

/// What cachectl reads from the environment.
std::span<const DocumentedVariable> documented_variables();

/// "cachectl 0.1.0", at the foot of every page.
std::string page_source();

}  // namespace cachectl
