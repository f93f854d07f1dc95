// How `ttl --timeline` tells when keys expire: drawn for people, as rows and JSON for scripts.
#pragma once

#include "keyspace/ttl_timeline.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/writer.hpp"
#include "util/time.hpp"

namespace cachectl {

struct TimelineStyle {
    Format format = Format::plain;
    Display display = {};
    bool escaped = false;  // what a terminal would act on, in plain lines
    WallTime from;         // when the walk began
    bool complete = true;
};

/// Of a timeline that has been scaled, the counts are estimates for all keys.
void write_ttl_timeline(Writer& out, const TimelineStyle& style, const TtlTimeline& timeline);

}  // namespace cachectl
