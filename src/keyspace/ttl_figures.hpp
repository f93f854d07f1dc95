// How `ttl --summary` shows when keys expire: a histogram for people, figures for scripts, with
// their 95 % intervals where only a sample of the keys was looked at.
#pragma once

#include "keyspace/ttl_histogram.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// Of a histogram that has been scaled, the counts written are estimates for all keys.
/// Format::prometheus writes nothing.
void write_ttl_summary(Writer& out, const Display& display, const TtlHistogram& ttls, Format format,
                       bool complete);

}  // namespace cachectl
