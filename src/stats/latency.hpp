// How long servers take: our own PING, what the latency monitor has recorded, and the quantiles of
// each command.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "redis/info.hpp"
#include "redis/reply.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// What made the server wait, of LATENCY LATEST. It records nothing unless
/// latency-monitor-threshold is set.
struct LatencyEvent {
    std::string node;
    std::string event;      // "command", "fork"
    std::int64_t at_s = 0;  // since 1970: the latest time
    std::chrono::milliseconds latest{0}, longest{0};
};

/// What is not an event is left out.
std::vector<LatencyEvent> parse_latency_latest(const Reply& reply);

/// {pings, ping_min_usec, ping_median_usec, ping_max_usec}; without any, no values but the count.
FigureGroup ping_figures(std::vector<std::chrono::microseconds> round_trips);

/// [{event, at, latest_ms, longest_ms}], those that took the longest first.
FigureGroup latency_event_figures(std::vector<LatencyEvent> events);

/// [{name, p50_usec, p99_usec, p999_usec}] of INFO latencystats, the slowest first.
FigureGroup latency_command_figures(const InfoFields& latency_stats);

}  // namespace cachectl
