// How `ttl --summary` shows when keys expire: a histogram for people, figures for scripts, with
// their 95 % intervals where only a sample of the keys was looked at.
#pragma once

#include <optional>

#include "cli/context.hpp"
#include "cli/format.hpp"
#include "keyspace/ttl_histogram.hpp"
#include "walk/sample.hpp"

namespace cachectl {

/// `sample`: the histogram is of keys drawn by lot, and the counts written are estimates for all.
/// Format::prometheus writes nothing.
void write_ttl_summary(Context& ctx, const TtlHistogram& ttls, Format format, bool complete,
                       const std::optional<SampleOutcome>& sample);

}  // namespace cachectl
