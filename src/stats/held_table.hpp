// The table of those who held the server.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "stats/held.hpp"

namespace cachectl {

/// A header and at most `most_rows` lines, of `columns` at most each; nothing for nobody.
std::vector<std::string> held_table(std::span<const HeldBy> held, const Display& display,
                                    std::size_t columns, std::size_t most_rows);

}  // namespace cachectl
