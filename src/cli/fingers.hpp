// What fingers type that have learnt redis-cli and other tools: what only looks means the command
// of ours that does it, what would change something gets the right command to paste.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// The line, from where the command's name stands on, with a word of another tool in the place of
/// the command taken for ours: "scan" is "keys", "slowlog" "stats slow", "help keys" "keys --help".
/// As it was for anything else.
std::vector<std::string> understood(const std::vector<std::string>& words);

/// What to type instead of a command of another tool, with its arguments, in whatever case it was
/// typed; empty for a word that is none. "DEL x" is "cachectl invalidate x --dry-run".
std::string right_command(std::string_view typed, std::span<const std::string> arguments);

/// Whether the option is what other tools call a pattern's, which with us stands by itself.
bool names_pattern(std::string_view option);

/// What to say of "--count 1000", which redis-cli has for the size of SCAN's pages; empty for
/// anything else. `next` is the word behind the option.
std::string right_count(std::string_view option, std::string_view next);

/// The same for an option that only other tools have; empty for any other.
std::string right_option(std::string_view command, std::string_view name);

}  // namespace cachectl
