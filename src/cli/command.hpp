// One row of the command table, and what a command is once its arguments are parsed.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/acl_right.hpp"
#include "cli/option.hpp"
#include "config/settings.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/progress.hpp"
#include "util/exit_code.hpp"

namespace cachectl {

struct Context;
class Error;

/// What a command does, its options stored in it: connects, works, writes, returns the exit code.
using Action = std::function<ExitCode(Context&)>;

struct Command {
    enum class Needs {
        nothing,
        server,
        chosen_server,  // the same, but the command itself resolves the settings, or does without
    };

    std::string_view name;
    std::string_view group;    // "Look", "Change", "Tools"
    std::string_view summary;  // one line, no full stop
    Needs needs;
    /// Declares options, description and examples, and stores the action. Neither connects nor
    /// prints.
    void (*add)(CommandSyntax& syntax, Action& action);
    std::span<const AclRight> rights = {};
    /// Of a command whose JSON is a summary that says how it ended, also where it never began:
    /// writes that. Null: there is the error on stderr alone.
    void (*write_early_error)(Context& ctx, Format format, const Error& error) = nullptr;
};

/// Options that every command has, before or after its name.
struct GlobalOptions {
    ConnectionFlags connection;
    bool quiet = false;
    ProgressWhen progress = ProgressWhen::automatic;
    bool no_progress = false;  // the same as ProgressWhen::none
    bool csv_safe = false;
    std::string audit_log;  // of commands that change; empty: the context's
    ColorWhen color = ColorWhen::automatic;
};

/// A command's place in the tree.
struct CommandEntry {
    explicit CommandEntry(const Command& row)
        : command(&row), syntax(std::string(row.name), std::string(row.group)) {}

    const Command* command;
    CommandSyntax syntax;
    Action action;
};

/// The whole command line; help, man pages and completions are made from it.
struct CommandTree {
    CommandSyntax program{"cachectl"};
    GlobalOptions globals;
    std::deque<CommandEntry> commands;
    Action action;                     // of the command that was parsed
    const Command* command = nullptr;  // known before all of the line has been read
    std::optional<Format> json;        // json or ndjson, if the line asks for one of them

    /// That command's entry; there has to be one.
    [[nodiscard]] CommandEntry& entry_of(std::string_view name);
};

std::unique_ptr<CommandTree> build_command_tree(std::span<const Command> table);

}  // namespace cachectl
