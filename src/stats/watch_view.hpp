// What a watch shows on a terminal: the lines of one screen.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "stats/held.hpp"
#include "stats/server_title.hpp"
#include "stats/watch_history.hpp"

namespace cachectl {

struct WatchState {
    ServerInfo server;  // the latest; of a cluster the totals
    WatchHistory history;
    std::vector<HeldBy> held;
    std::string trouble;  // why there is no newer reading; empty: all is well
    std::chrono::milliseconds every{1'000};
    std::vector<std::string> notes;  // what is not known, and why
};

/// At most `rows` lines of at most `columns`.
std::vector<std::string> watch_lines(const ServerTitle& title, const WatchState& state,
                                     const Display& display, std::size_t columns, std::size_t rows);

/// One line, for a terminal that knows no escape sequences: "1,231 commands/s, …".
std::string watch_sentence(const WatchState& state);

}  // namespace cachectl
