// Which master serves which slots, from CLUSTER SLOTS:
// https://redis.io/docs/latest/commands/cluster-slots/
#pragma once

#include <string>
#include <vector>

#include "redis/cluster/address.hpp"
#include "redis/reply.hpp"
#include "redis/slot.hpp"

namespace cachectl {

struct SlotOwner {
    std::string id;      // empty from servers before 4.0
    HostPort announced;  // as the cluster knows it
    HostPort address;    // by which it is reached from here
    std::vector<SlotRange> slots;
    std::vector<HostPort> replicas;  // as the cluster knows them; those with an address
};

struct SlotMap {
    std::vector<SlotOwner> masters;

    /// Slots that no master serves.
    [[nodiscard]] std::vector<SlotRange> uncovered() const;
};

enum class UsesTls { no, yes };

/// The node whose answer it is: what it says of itself without an address is `address`.
struct AskedNode {
    std::string id;  // empty: it would not tell
    HostPort address;
    UsesTls uses_tls = UsesTls::no;  // the connection to it
};

/// Throws Error(unreachable) for a reply that is not such a map: a slot or a port out of range, a
/// host that cannot be one, a master whose address nobody knows ("?", port 0) and the map does not
/// tell. A replica's entry that is of no use is left out.
SlotMap parse_slot_map(const Reply& reply, const AskedNode& asked, const NodeMap& node_map);

}  // namespace cachectl
