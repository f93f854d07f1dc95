// Figures of what goes on: rates, slow commands, connections. How they are printed is the business
// of output/figures.
#pragma once

#include <span>

#include "stats/client_list.hpp"
#include "stats/held.hpp"
#include "stats/reading.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// {interval_ms, commands_per_s, input_bytes_per_s, output_bytes_per_s, hits_per_s, misses_per_s,
/// evicted_per_s, expired_per_s, errors_per_s, connections_per_s, cpu_share}
FigureGroup rate_figures(const Rates& rates);

/// [{command, calls, usec_total, usec_longest, client, address, clients, node}] by shape. `node`
/// only of a cluster.
FigureGroup slow_figures(std::span<const HeldBy> slow, bool of_cluster);

/// [{group, client, address, user, connections, blocked, least_idle_s, most_idle_s, last_command,
/// buffer_bytes, memory_bytes}] by name, host and user, those with the most connections first;
/// without our own.
FigureGroup connection_figures(const ClientList& list);

/// [{connection, client, address, last_command, input_bytes, output_bytes, memory_bytes}]: the ten
/// connections that take the most for their buffers; without our own.
FigureGroup buffer_figures(const ClientList& list);

}  // namespace cachectl
