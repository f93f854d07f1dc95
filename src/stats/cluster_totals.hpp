// The INFO of a cluster as a whole, out of those of its masters.
#pragma once

#include <span>
#include <string>

#include "redis/info.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// Numbers are added up: also keys by database and calls by command. What cannot be is the
/// smallest (uptime), the largest (buffers, percentiles) or worked out anew (ratios, averages).
/// Text that is not the same everywhere is left out.
InfoFields total_info(std::span<const InfoFields> nodes);

/// The same with the names of the products and versions, "7.0.15, 7.2.4" where they differ.
ServerInfo total_of_servers(std::span<const ServerInfo* const> nodes);

/// {node, status, uptime_s, used_bytes, max_bytes, keys, hits, misses, evicted_keys,
/// connected_clients}; without `server`, which did not answer, only the first two have values.
FigureRow node_figures(const std::string& name, const ServerInfo* server);

}  // namespace cachectl
