// The script needs bash 4 and nothing else, not even the bash-completion package.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "docs/completion.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_bash_head =
    R"bash(# bash completion for cachectl; generated from its command tree.
# Install as /usr/share/bash-completion/completions/cachectl, or: source <(cachectl completion bash)

# Offers those of the WORDS that go on from $cur.
_cachectl_words() { # WORDS
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_cachectl_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# Those of the lines of stdin that go on from $cur.
_cachectl_lines() {
    local line
    while IFS= read -r line; do
        if [[ $line == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$line")"); fi
    done
}

# The contexts of the configuration, without a server.
_cachectl_contexts() {
    _cachectl_lines < <(cachectl context list -o plain 2>/dev/null | cut -f1)
}

# What the dumps on the line have, without a server: NAME, rows, columns with types, format.
_cachectl_dumps() {
    local word files=()
    for word in "${COMP_WORDS[@]:1}"; do
        if [[ -f $word && $word != "$cur" ]]; then files+=("$word"); fi
    done
    ((${#files[@]} == 0)) || cachectl warm --list-tables -o plain -- "${files[@]}" 2>/dev/null
}

_cachectl_tables() {
    _cachectl_lines < <(_cachectl_dumps | cut -f1)
}

# Of a list, the last.
_cachectl_columns() {
    local list=${cur%"${cur##*,}"} column
    while IFS= read -r column; do
        if [[ $list$column == "$cur"* ]]; then COMPREPLY+=("$list$column"); fi
    done < <(_cachectl_dumps | cut -f3 | sed 's/, /\n/g' | cut -d' ' -f1 | sort -u)
}

# Keys of the server that the environment or the configuration names; only where
# CACHECTL_COMPLETE_KEYS is set, and for no longer than 0.1 s.
_cachectl_found() {
    if [[ -n ${CACHECTL_COMPLETE_KEYS-} && -n $cur ]]; then
        timeout 0.1 cachectl keys --limit 50 -- "$cur*" 2>/dev/null
    fi
}

_cachectl_keys() {
    _cachectl_lines < <(_cachectl_found)
}

_cachectl_namespaces() {
    _cachectl_lines < <(_cachectl_found | while IFS= read -r key; do
        key=${key#"$cur"}
        if [[ $key == *:* ]]; then echo "$cur${key%%:*}"; fi
    done | sort -u)
}

_cachectl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' only_arguments='' word i
    COMPREPLY=()
    # --option=value comes as three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
)bash";

constexpr std::string_view k_find_command = R"(
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        case $word in
        --) only_arguments=yes ;;
        {})
            i=$((i + 1))
            if [[ ${{COMP_WORDS[i]}} == = ]]; then i=$((i + 1)); fi
            ;;
        {})
            if [[ -z $command ]]; then command=$word; fi
            ;;
        esac
    done
)";

constexpr std::string_view k_bash_tail = R"(}

complete -F _cachectl cachectl
)";

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> names_of(const CommandOutline& command) {
    std::vector<std::string> names;
    for (const OptionOutline& option : command.options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

/// What to do for the value of an option or an argument; empty: it cannot be known.
std::string words_to_offer(const OptionOutline& option) {
    switch (option.kind()) {
        case OptionOutline::Kind::choices:
            return "_cachectl_words '" + join(option.choices, " ") + "'";
        case OptionOutline::Kind::file:
            return "_cachectl_files";
        default:
            break;
    }
    const std::string_view source = completion_source(option.kind());
    return source.empty() ? "" : "_cachectl_" + std::string(source);
}

/// The case for what a command takes besides options: right behind its name the first of it, then
/// the next. Empty: nothing is known of it.
std::string offer_arguments(const CommandOutline& command) {
    std::vector<std::string> offers;
    for (const OptionOutline& argument : command.arguments) {
        if (std::string offer = words_to_offer(argument); !offer.empty()) {
            offers.push_back(std::move(offer));
        }
    }
    if (offers.empty()) {
        return {};
    }
    if (offers.size() == 1) {
        return fmt::format("    {}) {} ;;\n", command.name, offers.front());
    }
    return fmt::format("    {}) if [[ $prev == {} ]]; then {}; else {}; fi ;;\n", command.name,
                       command.name, offers.front(), offers.back());
}

/// What is done for the values of options, and for which: "keys,-o | keys,--output".
using Cases = std::vector<std::pair<std::string, std::vector<std::string>>>;

void add_cases(Cases& cases, const CommandOutline& command, std::string_view name) {
    for (const OptionOutline& option : command.options) {
        if (option.value_name.empty()) {
            continue;
        }
        const std::string offered = words_to_offer(option);
        auto known = std::find_if(cases.begin(), cases.end(),
                                  [&](const auto& entry) { return entry.first == offered; });
        if (known == cases.end()) {
            known = cases.insert(cases.end(), {offered, {}});
        }
        for (const std::string& option_name : option.names) {
            known->second.push_back(fmt::format("{},{}", name, option_name));
        }
    }
}

std::string case_text(const Cases& cases) {
    std::string out;
    for (const auto& [offered, patterns] : cases) {
        const std::string action = offered.empty() ? "" : "            " + offered + '\n';
        out += fmt::format("        {})\n{}            return\n            ;;\n",
                           join(patterns, " | "), action);
    }
    return out;
}

}  // namespace

std::string bash_completion(const ProgramOutline& outline) {
    std::vector<std::string> commands;
    std::vector<std::string> valued;
    for (const OptionOutline& option : outline.program.options) {
        if (option.value_name.empty()) {
            continue;
        }
        valued.insert(valued.end(), option.names.begin(), option.names.end());
    }
    Cases values;
    std::string options;
    std::string arguments;
    for (const CommandOutline& command : outline.commands) {
        commands.push_back(command.name);
        add_cases(values, command, command.name);
        options +=
            fmt::format("    {}) options='{}' ;;\n", command.name, join(names_of(command), " "));
        arguments += offer_arguments(command);
    }
    std::string out(k_bash_head);
    out += fmt::format(fmt::runtime(k_find_command), join(valued, " | "), join(commands, " | "));
    // Behind the commands' own: what a command has under the same name comes first.
    Cases global_values;
    add_cases(global_values, outline.program, "*");
    out += "\n    if [[ -z $only_arguments ]]; then\n        case $command,$prev in\n" +
           case_text(values) + case_text(global_values) + "        esac\n    fi\n";
    out += "\n    local options=\n    case $command in\n" + options + "    esac\n";
    out += fmt::format(
        "    if [[ -z $only_arguments && $cur == -* ]]; then\n"
        "        _cachectl_words \"$options {}\"\n        return\n    fi\n",
        join(names_of(outline.program), " "));
    out += "\n    case $command in\n    '') _cachectl_words '" + join(commands, " ") + "' ;;\n" +
           arguments + "    esac\n";
    return out + std::string(k_bash_tail);
}

}  // namespace cachectl
