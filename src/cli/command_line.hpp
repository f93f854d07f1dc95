// From the words that the shell gave to the options and arguments of the command tree. CLI11's
// own parser is not used: it takes "[a,b]" for a list and "%%", "{}" and an empty word for
// something else, and options of a command only behind its name. Here every value arrives byte for
// byte, also one that is empty or begins with a dash.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace cachectl {

struct ParsedLine {
    enum class Wish { run, help, version };

    Wish wish = Wish::run;
    const CLI::App* app = nullptr;  // whose help is wanted: that of the program, or of a command
};

/// Fills the options of the tree, whose `command` and `action` are set then. Words are read as
/// getopt_long(3) reads them: options stand before or after the command's name, a value is the
/// next word whatever it is, and behind "--" everything is an argument. Throws Error(usage).
ParsedLine parse_command_line(CommandTree& tree, const std::vector<std::string>& words);

}  // namespace cachectl
