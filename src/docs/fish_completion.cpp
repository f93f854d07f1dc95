#include <fmt/format.h>

#include "docs/completion.hpp"

namespace cachectl {

namespace {

std::string quote(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '\'';
}

/// Files, a fixed set, or nothing; -r: a value has to follow.
std::string arguments_to_offer(const OptionOutline& option) {
    if (option.takes_file()) {
        return " -F";
    }
    if (option.names_contexts()) {
        return " -a '(cachectl context list -o plain 2>/dev/null | string split -f1 \\t)'";
    }
    if (option.choices.empty()) {
        return "";
    }
    return " -a " + quote(fmt::format("{}", fmt::join(option.choices, " ")));
}

std::string option_line(const OptionOutline& option, std::string_view condition) {
    std::string line = fmt::format("complete -c cachectl{}", condition);
    for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.value_name.empty()) {
        line += (option.takes_file() ? " -r" : " -x") + arguments_to_offer(option);
    }
    return line + " -d " + quote(option.description) + '\n';
}

}  // namespace

std::string fish_completion(const ProgramOutline& outline) {
    std::vector<std::string> commands;
    for (const CommandOutline& command : outline.commands) {
        commands.push_back(command.name);
    }

    std::string out = fmt::format(
        "# fish completion for cachectl; generated from its command tree.\n"
        "# Install as cachectl.fish in vendor_completions.d, or: cachectl completion fish | "
        "source\n"
        "\n"
        "set -l commands {}\n"
        "complete -c cachectl -f\n",
        fmt::join(commands, " "));
    for (const CommandOutline& command : outline.commands) {
        out += fmt::format(
            "complete -c cachectl -n \"not __fish_seen_subcommand_from $commands\" -a {} -d {}\n",
            command.name, quote(command.summary));
    }
    for (const OptionOutline& option : outline.program.options) {
        out += option_line(option, "");
    }
    for (const CommandOutline& command : outline.commands) {
        const std::string condition =
            fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
        out += '\n';
        for (const OptionOutline& option : command.options) {
            out += option_line(option, condition);
        }
        for (const OptionOutline& argument : command.arguments) {
            if (arguments_to_offer(argument).empty()) {
                continue;
            }
            out += fmt::format("complete -c cachectl{}{} -d {}\n", condition,
                               arguments_to_offer(argument), quote(argument.description));
        }
    }
    return out;
}

}  // namespace cachectl
