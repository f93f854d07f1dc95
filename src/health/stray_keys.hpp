// Keys of a cluster's nodes in slots that are others'.
#pragma once

#include <span>

#include "cli/context.hpp"
#include "health/evidence.hpp"
#include "redis/topology.hpp"

namespace cachectl {

/// Sets `stray_keys` of each, or else `stray_lacking`. Ends early if a signal has come.
void count_stray_keys(Context& ctx, std::span<const ServerNode> nodes,
                      std::span<NodeEvidence> evidence);

}  // namespace cachectl
