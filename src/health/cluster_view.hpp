// What a node of a cluster says of its own slots in CLUSTER NODES
// (https://redis.io/docs/latest/commands/cluster-nodes/).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "redis/slot.hpp"

namespace cachectl {

struct OwnSlots {
    std::vector<SlotRange> served;
    std::vector<std::uint16_t> migrating, importing;
};

/// Of the line that is marked `myself`; what is not a slot is left out.
OwnSlots parse_own_slots(std::string_view cluster_nodes);

}  // namespace cachectl
