// A decoded value for people: laid out in lines, coloured, and shortened until it fits on a screen.
#pragma once

#include <cstddef>
#include <string>

#include "output/display.hpp"
#include "values/node.hpp"

namespace cachectl {

struct LaidOut {
    std::string text;  // harmless for a terminal; lines end with a newline
    bool shortened = false;
};

/// In the way of JSON. Members are left out, evenly, until about 40 lines remain ("… 2 more"), and
/// what is nested deep stands in one line; none is wider than the display, unless names alone are.
LaidOut lay_out(const Node& node, const Display& display);

/// In one line of at most `columns`, without colours, for a cell of a table.
LaidOut lay_out_in_line(const Node& node, const Display& display, std::size_t columns);

}  // namespace cachectl
