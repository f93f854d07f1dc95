// Shell completions, written from the command tree: commands, options, the values of those that
// have a fixed set, and files where a value is one. What a pattern or a host may be is not guessed.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "cli/outline.hpp"

namespace cachectl {

std::string bash_completion(const ProgramOutline& outline);
std::string zsh_completion(const ProgramOutline& outline);
std::string fish_completion(const ProgramOutline& outline);

/// What comes behind `_cachectl_` in the name of each script's function that finds such values;
/// empty for those that need none.
std::string_view completion_source(OptionOutline::Kind kind);

struct CompletionShell {
    std::string_view name;
    std::string_view file;  // as installed: zsh and fish insist on the name
    std::string (*write)(const ProgramOutline& outline);
};

inline constexpr std::array<CompletionShell, 3> k_completion_shells = {{
    {"bash", "cachectl.bash", bash_completion},
    {"zsh", "_cachectl", zsh_completion},
    {"fish", "cachectl.fish", fish_completion},
}};

}  // namespace cachectl
