// The timeline of `ttl --timeline` on a person's screen: a row of cells for each namespace.
#pragma once

#include <cstddef>
#include <string>

#include "keyspace/ttl_timeline.hpp"
#include "output/display.hpp"
#include "output/writer.hpp"

namespace cachectl {

void draw_timeline(Writer& out, const Display& display, const TtlTimeline& timeline);

/// Cells that fit beside the names and figures; 60 where there is no width to fit into.
std::size_t timeline_cells(const Display& display);

/// The command that spreads the cliff's keys over as long again as they have left, and a quarter of
/// an hour at least. It leaves those alone that expire later, or never. Empty for keys that no
/// pattern of their own names.
std::string spreading_command(const TtlCliff& cliff);

}  // namespace cachectl
