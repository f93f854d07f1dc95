// What one look at the servers brought.
#pragma once

#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/info.hpp"

namespace cachectl {

struct NodeReading {
    std::string name;  // of a cluster's node; empty for a single server
    InfoFields info;
};

struct GateReading {
    SteadyTime at{};
    std::vector<NodeReading> nodes;
    std::string unready;  // why the servers do not answer as they should; empty: they do
    bool broken = false;  // a connection has failed: it has to be made anew
    std::string no_info;  // what the server said where INFO was refused
};

/// PING and INFO of every server that holds keys, and whether the cluster is whole, if it is one.
GateReading read_nodes(Client& client);

}  // namespace cachectl
