#include <fmt/format.h>

#include "docs/completion.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_fish_offers = R"fish(
# The contexts of the configuration, without a server.
function __cachectl_contexts
    cachectl context list -o plain 2>/dev/null | string split -f1 \t
end

# What the dumps on the line have, without a server: NAME, rows, columns with types, format.
function __cachectl_dumps
    set -l files
    for word in (commandline -opc)
        if test -f $word
            set -a files $word
        end
    end
    if set -q files[1]
        cachectl warm --list-tables -o plain -- $files 2>/dev/null
    end
end

function __cachectl_tables
    __cachectl_dumps | string split -f1 \t
end

# Of a list, the last.
function __cachectl_columns
    set -l list (string replace -r '[^,]*$' '' -- (commandline -ct | string replace -r '^--[a-z]+=' ''))
    for column in (__cachectl_dumps | string split -f3 \t | string split ', ' | string split -f1 ' ')
        echo $list$column
    end
end

# Keys of the server that the environment or the configuration names; only where
# CACHECTL_COMPLETE_KEYS is set, and for no longer than 0.1 s.
function __cachectl_keys
    set -l begin (commandline -ct)
    if set -q CACHECTL_COMPLETE_KEYS; and test -n "$begin"
        timeout 0.1 cachectl keys --limit 50 -- "$begin*" 2>/dev/null
    end
end

function __cachectl_namespaces
    set -l length (string length -- (commandline -ct))
    __cachectl_keys | string replace -rf "^(.{$length}[^:]*):.*" '$1'
end
)fish";

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
    switch (option.kind()) {
        case OptionOutline::Kind::choices:
            return " -a " + quote(fmt::format("{}", fmt::join(option.choices, " ")));
        case OptionOutline::Kind::file:
            return " -F";
        default:
            break;
    }
    const std::string_view source = completion_source(option.kind());
    return source.empty() ? "" : " -a '(__cachectl_" + std::string(source) + ")'";
}

std::string option_line(const OptionOutline& option, std::string_view condition) {
    std::string line = fmt::format("complete -c cachectl{}", condition);
    for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.value_name.empty()) {
        line += (option.kind() == OptionOutline::Kind::file ? " -r" : " -x") +
                arguments_to_offer(option);
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
    out += k_fish_offers;
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
