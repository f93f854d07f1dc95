// How `ttl --summary` shows when keys expire: a histogram for people, figures for scripts, with
// their 95 % intervals where only a sample of the keys was looked at.
#pragma once

#include <optional>

#include "keyspace/ttl_histogram.hpp"
#include "output/format.hpp"
#include "output/look.hpp"
#include "output/writer.hpp"
#include "walk/sample.hpp"

namespace cachectl {

/// `sample`: the histogram is of keys drawn by lot, and the counts written are estimates for all.
/// Format::prometheus writes nothing.
void write_ttl_summary(Writer& out, const Look& look, const TtlHistogram& ttls, Format format,
                       bool complete, const std::optional<SampleOutcome>& sample);

}  // namespace cachectl
