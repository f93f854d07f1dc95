// Builds the CLI11 tree from the command table: the one source of help, man pages, completions.
#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/option_groups.hpp"

namespace cachectl {

CommandTree::CommandTree() = default;
CommandTree::~CommandTree() = default;

std::unique_ptr<CommandTree> build_command_tree(std::span<const Command> table) {
    auto tree = std::make_unique<CommandTree>();
    tree->app = std::make_unique<CLI::App>(
        "Look at Redis and Valkey caches, clear them and warm them, safely.", "cachectl");
    CLI::App& app = *tree->app;
    app.formatter(make_help_formatter(table));
    // -h is the host, as in redis-cli.
    app.set_help_flag("--help", "Show this help")->group("Other");
    app.set_version_flag("-V,--version", "cachectl " CACHECTL_VERSION, "Show the version")
        ->group("Other");
    add_connection_options(app, tree->globals.connection);
    add_talk_options(app, tree->globals);
    app.footer(
        "Options stand before or after the command's name. `cachectl COMMAND --help` shows a "
        "command's own, with examples.\n\n"
        "Values come from flags, then the environment (CACHECTL_URL, REDIS_URL, REDIS_HOST, "
        "REDIS_PORT, REDIS_PASSWORD, REDIS_DB, REDISCLI_AUTH), then the context in the "
        "configuration file, see cachectl-config(5).");
    for (const Command& command : table) {
        CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
        sub->group(std::string(command.group));
        sub->get_help_ptr()->group("Other");
        CommandEntry& entry = tree->commands.emplace_back(CommandEntry{&command, sub, {}});
        command.add(*sub, entry.action);
    }
    return tree;
}

}  // namespace cachectl
