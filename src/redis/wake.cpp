#include "redis/wake.hpp"

#include "util/error.hpp"

namespace cachectl {

bool wake(Client& client) {
    bool all_same = true;
    for (const ServerNode& node : client.nodes()) {
        if (!node.client->call({"PING"}).is_broken()) {
            continue;
        }
        try {
            all_same = node.client->reconnect() && all_same;
        } catch (const Error&) {
            // What is asked next says so.
        }
    }
    return all_same;
}

}  // namespace cachectl
