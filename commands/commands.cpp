#include "commands/commands.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

using enum Command::Needs;

constexpr std::array k_commands = {
    Command{"completion", "Tools", "Print the completion script of a shell", nothing,
            add_completion},
    Command{"keys", "Look", "List keys with SCAN, filtered", server, add_keys},
};
static_assert(std::is_sorted(k_commands.begin(), k_commands.end(),
                             [](const Command& a, const Command& b) { return a.name < b.name; }));

}  // namespace

std::span<const Command> command_table() { return k_commands; }

}  // namespace cachectl
