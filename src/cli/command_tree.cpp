// Builds the command line from the command table: the one source of help, man pages, completions.
#include <algorithm>

#include "cli/change_run.hpp"
#include "cli/command.hpp"
#include "cli/option_groups.hpp"

namespace cachectl {

CommandEntry& CommandTree::entry_of(std::string_view name) {
    return *std::find_if(commands.begin(), commands.end(),
                         [&](const CommandEntry& entry) { return entry.command->name == name; });
}

std::unique_ptr<CommandTree> build_command_tree(std::span<const Command> table) {
    auto tree = std::make_unique<CommandTree>();
    CommandSyntax& program = tree->program;
    program.description("Look at Redis and Valkey caches, clear them and warm them, safely.");
    // -h is the host, as in redis-cli.
    program
        .add_flag(
            "--help", [] {}, "Show this help")
        .group("Other");
    program
        .add_flag(
            "-V,--version", [] {}, "Show the version")
        .group("Other");
    add_connection_options(program, tree->globals.connection);
    add_talk_options(program, tree->globals);
    program.footer(
        "Options stand before or after the command's name. `cachectl COMMAND --help` shows a "
        "command's own, with examples.\n\n"
        "Values come from flags, then the environment (CACHECTL_URL, REDIS_URL, REDIS_HOST, "
        "REDIS_PORT, REDIS_PASSWORD, REDIS_DB, REDISCLI_AUTH), then the context in the "
        "configuration file, see cachectl-config(5).");
    for (const Command& command : table) {
        CommandEntry& entry = tree->commands.emplace_back(command);
        entry.syntax
            .add_flag(
                "--help", [] {}, "Show this help")
            .group("Other");
        command.add(entry.syntax, entry.action);
        if (command.group == "Change") {
            add_audit_log_option(entry.syntax, tree->globals);
        }
    }
    return tree;
}

}  // namespace cachectl
