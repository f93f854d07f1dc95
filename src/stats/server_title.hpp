// The line that each view of a server begins with: which server it is about.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "redis/info.hpp"

namespace cachectl {

/// What is known of the server before it is asked.
struct ServerTitle {
    std::string target;       // "10.0.0.5:6379/2"
    std::string context;      // its name in the configuration; empty: none
    std::size_t masters = 0;  // of a cluster; 0: a single server
    std::string command;      // "cachectl -p 6380": what a command begins with that reaches it
};

/// "cache.internal:6379  redis 7.0.15, master of 1 replica, up 2m", and `right` at the end of
/// `columns`; a second line where one has no room for both, or for `below`.
std::vector<std::string> title_lines(const ServerTitle& title, const ServerInfo& server,
                                     const Display& display, std::size_t columns,
                                     const std::string& right, const std::string& below = "");

/// "context prod"; empty without one.
std::string context_note(const ServerTitle& title);

/// How wide a view is: as the terminal, or 100 columns where there is none.
std::size_t view_columns(const Display& display);

}  // namespace cachectl
