// What stands at the other end of a file descriptor, and what the user's environment says of it.
#pragma once

#include <cstddef>

namespace cachectl {

/// The facts, without a decision: what follows from them is the business of output/display.hpp. A
/// test may fill one in itself.
struct Terminal {
    bool attached = false;     // the descriptor is a terminal
    std::size_t columns = 80;  // TIOCGWINSZ, else COLUMNS, else 80
    bool dumb = false;         // TERM is "dumb" or not set: it knows no escape sequences
    bool utf8 = true;          // unless LC_ALL, LC_CTYPE or LANG names another character set
    bool force_color = false;  // FORCE_COLOR or CLICOLOR_FORCE is set, and not to 0
    bool no_color = false;     // NO_COLOR is set and not empty (https://no-color.org)
};

Terminal examine_terminal(int fd);

}  // namespace cachectl
