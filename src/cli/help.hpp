// --help as text of 80 columns, whatever the terminal: the same for everyone who reads or quotes
// it.
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"

namespace cachectl {

/// What one sees who types the program's name alone: at most 24 lines.
std::string first_screen(const CommandSyntax& program, std::span<const Command> table);

/// Of a command of the table, or of the program.
std::string help_of(const CommandSyntax& syntax, std::span<const Command> table);

}  // namespace cachectl
