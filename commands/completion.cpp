// completion: print the script that teaches a shell to complete cachectl's command line.
#include <fmt/format.h>

#include <memory>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/outline.hpp"
#include "commands/commands.hpp"
#include "docs/completion.hpp"

namespace cachectl {

namespace {

struct CompletionOptions {
    const CompletionShell* shell = nullptr;
};

std::vector<std::string> shell_names() {
    std::vector<std::string> names;
    for (const CompletionShell& shell : k_completion_shells) {
        names.emplace_back(shell.name);
    }
    return names;
}

const CompletionShell* find_shell(const std::string& name) {
    for (const CompletionShell& shell : k_completion_shells) {
        if (shell.name == name) {
            return &shell;
        }
    }
    throw Error(ExitCode::usage, "there is no completion for '" + name + "'",
                fmt::format("the shells are {}", fmt::join(shell_names(), ", ")));
}

ExitCode run_completion(Context& ctx, const CompletionOptions& options) {
    const auto tree = build_command_tree(command_table());
    ctx.out.write(options.shell->write(outline_of(*tree)));
    return ExitCode::ok;
}

void add_completion(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<CompletionOptions>();
    syntax.description(
        "Print the script that teaches a shell to complete commands, options and their values. "
        "Packages install it; without one, let the shell read it when it starts.");
    Option& shell = add_parsed_option(syntax, "SHELL", options->shell, find_shell, "",
                                      fmt::format("The shell: {}", fmt::join(shell_names(), ", ")));
    shell.required();
    shell.choices(shell_names());
    syntax.footer(
        "Examples:\n"
        "  source <(cachectl completion bash)\n"
        "      this bash from now on; as a line in ~/.bashrc, every one\n"
        "  cachectl completion zsh > ~/.zfunc/_cachectl\n"
        "      zsh, where ~/.zfunc is in $fpath\n"
        "  cachectl completion fish > ~/.config/fish/completions/cachectl.fish\n"
        "      fish\n");
    action = [options](Context& ctx) { return run_completion(ctx, *options); };
}

}  // namespace

Command completion_command() {
    return {"completion", "Tools", "Print the completion script of a shell",
            Command::Needs::nothing, add_completion};
}

}  // namespace cachectl
