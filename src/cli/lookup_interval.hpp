// The look-ups of keys that servers count within a while, from two readings of INFO.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "redis/client.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

/// Reads each server's counters twice, `interval` apart, and adds up the differences. Nothing where
/// a server does not show its counters, they were reset in between, or a signal came.
std::optional<IntervalLookups> read_lookups(Client& client, std::span<const ServerNode> nodes,
                                            std::chrono::milliseconds apart);

}  // namespace cachectl
