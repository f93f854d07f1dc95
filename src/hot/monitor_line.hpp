// One line of MONITOR: when, in which database, and what command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

struct MonitorLine {
    double at = 0;  // seconds of the server's clock
    unsigned database = 0;
    std::vector<std::string> args;  // the command's name, and at most k_most_args behind it

    static constexpr std::size_t k_most_args = 1'000;
};

/// From `1339518083.107412 [0 127.0.0.1:60866] "get" "k\x01"`; nothing for what is none.
/// Of a line that was cut, the arguments that are whole.
std::optional<MonitorLine> parse_monitor_line(std::string_view text);

/// The keys that the command is about, by its name; none for one that is about no key, or whose
/// script's own commands are told line by line.
std::vector<std::string_view> keys_of_command(const std::vector<std::string>& args);

}  // namespace cachectl
