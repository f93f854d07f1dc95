// From the words that the shell gave to the options and arguments of the command tree. Every value
// arrives byte for byte, also one that is empty, begins with a dash or looks like a list.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace cachectl {

struct ParsedLine {
    enum class Wish { run, first_screen, help, version };

    Wish wish = Wish::run;
    const CommandSyntax* syntax =
        nullptr;  // whose help is wanted: that of the program, or of a command
};

/// Fills the options of the tree, whose `command` and `action` are set then; `command` and `json`
/// as far as they are known also where this throws. Words are read as
/// getopt_long(3) reads them: options stand before or after the command's name, a value is the
/// next word whatever it is, and behind "--" everything is an argument. Throws Error(usage).
ParsedLine parse_command_line(CommandTree& tree, const std::vector<std::string>& words);

}  // namespace cachectl
