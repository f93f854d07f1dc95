// The script works as the file _cachectl in $fpath and as `source <(cachectl completion zsh)`.
#include <fmt/format.h>

#include "docs/completion.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_zsh_head = R"(#compdef cachectl
# zsh completion for cachectl; generated from its command tree.
# Install as _cachectl in a folder of $fpath, or: source <(cachectl completion zsh)

_cachectl() {
  local curcontext=$curcontext state line
  typeset -A opt_args
)";

// Behind the main function, which is called once all are known.
constexpr std::string_view k_zsh_offers = R"zsh(
# The contexts of the configuration, without a server.
_cachectl_contexts() {
  compadd -- ${(f)"$(cachectl context list -o plain 2>/dev/null | cut -f1)"}
}

# What the dumps on the line have, without a server: NAME, rows, columns with types, format.
_cachectl_dumps() {
  local word files=()
  for word in $words; do
    if [[ -f ${~word} ]]; then files+=(${~word}); fi
  done
  (( $#files == 0 )) || cachectl warm --list-tables -o plain -- $files 2>/dev/null
}

_cachectl_tables() {
  compadd -- ${(f)"$(_cachectl_dumps | cut -f1)"}
}

# Of a list, the last.
_cachectl_columns() {
  compset -P '*,'
  compadd -- ${(f)"$(_cachectl_dumps | cut -f3 | sed 's/, /\n/g' | cut -d' ' -f1 | sort -u)"}
}

# Keys of the server that the environment or the configuration names; only where
# CACHECTL_COMPLETE_KEYS is set, and for no longer than 0.1 s.
_cachectl_found() {
  if [[ -n $CACHECTL_COMPLETE_KEYS && -n $PREFIX ]]; then
    timeout 0.1 cachectl keys --limit 50 -- "$PREFIX*" 2>/dev/null
  fi
}

_cachectl_keys() {
  compadd -- ${(f)"$(_cachectl_found)"}
}

_cachectl_namespaces() {
  local key names=()
  for key in ${(f)"$(_cachectl_found)"}; do
    key=${key#"$PREFIX"}
    if [[ $key == *:* ]]; then names+=("$PREFIX${key%%:*}"); fi
  done
  compadd -- ${(u)names}
}
)zsh";

// Sourced, it has to be announced; autoloaded, it is called at once.
constexpr std::string_view k_zsh_tail = R"(
if [[ $funcstack[1] == _cachectl ]]; then
  _cachectl "$@"
else
  compdef _cachectl cachectl
fi
)";

std::string quote_for_zsh(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out + '\'';
}

/// `text` with a backslash before each of the `special` characters.
std::string escape(std::string_view text, std::string_view special) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || special.find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string offered(const OptionOutline& option) {
    switch (option.kind()) {
        case OptionOutline::Kind::choices:
            return fmt::format("({})", fmt::join(option.choices, " "));
        case OptionOutline::Kind::file:
            return "_files";
        default:
            break;
    }
    const std::string_view source = completion_source(option.kind());
    return source.empty() ? " " : "_cachectl_" + std::string(source);
}

/// ":HOST: ": the message and what to offer; a space for nothing.
std::string action(const OptionOutline& option) {
    return ':' + escape(option.value_name, ":") + ':' + offered(option);
}

/// One specification of _arguments for each name.
std::vector<std::string> specs(const OptionOutline& option) {
    std::vector<std::string> out;
    const bool valued = !option.value_name.empty();
    for (const std::string& name : option.names) {
        std::string spec =
            option.repeatable ? "*" : fmt::format("({})", fmt::join(option.names, " "));
        spec += name;
        if (valued) {
            spec += name.starts_with("--") ? "=" : "+";
        }
        spec += '[' + escape(option.description, "[]:") + ']';
        if (valued) {
            spec += action(option);
        }
        out.push_back(quote_for_zsh(spec));
    }
    return out;
}

std::string lines(const CommandOutline& command, std::string_view indent) {
    std::string out;
    for (const OptionOutline& option : command.options) {
        for (const std::string& spec : specs(option)) {
            out += fmt::format("{}{} \\\n", indent, spec);
        }
    }
    for (const OptionOutline& argument : command.arguments) {
        out += fmt::format("{}{} \\\n", indent,
                           quote_for_zsh((argument.repeatable ? "*" : "") + action(argument)));
    }
    return out;
}

}  // namespace

std::string zsh_completion(const ProgramOutline& outline) {
    std::string out(k_zsh_head);
    out += "  local -a global=(\n";
    for (const OptionOutline& option : outline.program.options) {
        for (const std::string& spec : specs(option)) {
            out += "    " + spec + '\n';
        }
    }
    out += "  )\n  local -a commands=(\n";
    for (const CommandOutline& command : outline.commands) {
        out += "    " + quote_for_zsh(command.name + ':' + escape(command.summary, ":")) + '\n';
    }
    out += R"(  )

  _arguments -C -s -S -A '-*' $global ':command:->command' '*:: :->rest' && return
  case $state in
  command) _describe -t commands 'cachectl command' commands ;;
  rest)
    curcontext=${curcontext%:*:*}:cachectl-$words[1]:
    case $words[1] in
)";
    for (const CommandOutline& command : outline.commands) {
        out += fmt::format("    {})\n      _arguments -s -S \\\n{}        $global\n      ;;\n",
                           command.name, lines(command, "        "));
    }
    out += "    esac\n    ;;\n  esac\n";
    return out + "}\n" + std::string(k_zsh_offers) + std::string(k_zsh_tail);
}

}  // namespace cachectl
