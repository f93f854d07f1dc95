// The command line as plain data: what help, man pages and completions are written from.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"

namespace cachectl {

struct Example {
    std::string command;      // as typed into a shell; may be a pipeline
    std::string explanation;  // empty: none
};

struct CommandOutline {
    std::string name;
    std::string group;
    std::string summary;
    std::vector<std::string> description;  // paragraphs
    Command::Needs needs = Command::Needs::nothing;
    std::span<const AclRight> rights;
    std::vector<OptionOutline> options;    // in the order of declaration
    std::vector<OptionOutline> arguments;  // those without a dash
    std::vector<std::string> notes;        // paragraphs of the footer before its examples
    std::vector<Example> examples;
};

struct ProgramOutline {
    CommandOutline program;                // name, description and the options of every command
    std::vector<CommandOutline> commands;  // without what the program has too: --help
};

ProgramOutline outline_of(const CommandTree& tree);
/// One command, or the program; summary and needs come from the table alone.
CommandOutline outline_of(const CommandSyntax& syntax);

/// The options by group: groups in the order of their first option, "Other" last.
std::vector<std::pair<std::string, std::vector<OptionOutline>>> options_by_group(
    const CommandOutline& command);

/// The rows of the table by group: those who look first, those who change, then the tools.
std::vector<std::pair<std::string, std::vector<const Command*>>> commands_by_group(
    std::span<const Command> table);

/// "[OPTION...] [PATTERN...]", or for the program "[OPTION...] COMMAND [ARG...]".
std::string synopsis_of(const CommandOutline& command);

}  // namespace cachectl
