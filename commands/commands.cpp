#include "commands/commands.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

using enum Command::Needs;

constexpr std::array k_commands = {
    Command{"completion", "Tools", "Print the completion script of a shell", nothing,
            add_completion},
    Command{"expire", "Change", "Set, cap, add or remove times to live", server, add_expire},
    Command{"flush", "Change", "Delete whole namespaces or databases", server, add_flush},
    Command{"get", "Look", "Show one key and its value, bounded", server, add_get},
    Command{"invalidate", "Change", "Delete keys by pattern or list", server, add_invalidate},
    Command{"keys", "Look", "List keys with SCAN, filtered", server, add_keys},
    Command{"stats", "Look", "Show the server's figures", server, add_stats},
    Command{"ttl", "Look", "Show when keys expire, one by one or as a histogram", server, add_ttl},
    Command{"warm", "Change", "Load keys from JSON, CSV or SQL dumps", server, add_warm},
};
static_assert(std::is_sorted(k_commands.begin(), k_commands.end(),
                             [](const Command& a, const Command& b) { return a.name < b.name; }));

}  // namespace

std::span<const Command> command_table() { return k_commands; }

}  // namespace cachectl
