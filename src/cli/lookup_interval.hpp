// The look-ups of keys that servers count within a while, from two readings of INFO.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "redis/client.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

/// Reads each server's counters twice, so long apart, and adds up what has come between. Nothing
/// where a server does not tell, its counters were reset in between, or a signal came.
std::optional<IntervalLookups> read_lookups(Client& client, std::span<const ServerNode> nodes,
                                            std::chrono::milliseconds apart);

}  // namespace cachectl
