// --help, as wide as the terminal, up to 100 columns; into a pipe 80.
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"

namespace cachectl {

/// For a terminal of that width; 0: there is none.
std::size_t help_columns(std::size_t terminal);

/// What one sees who types the program's name alone: at most 24 lines.
std::string first_screen(const CommandSyntax& program, std::span<const Command> table,
                         std::size_t columns = help_columns(0));

/// Of a command of the table, or of the program.
std::string help_of(const CommandSyntax& syntax, std::span<const Command> table,
                    std::size_t columns = help_columns(0));

}  // namespace cachectl
