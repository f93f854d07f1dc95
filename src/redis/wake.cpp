#include "redis/wake.hpp"

#include "util/error.hpp"

namespace cachectl {

bool wake(Client& client) {
    bool any = false;
    for (const ServerNode& node : client.nodes()) {
        if (!node.client->call({"PING"}).is_broken()) {
            continue;
        }
        any = true;
        try {
            node.client->reconnect();
        } catch (const Error&) {
            // What is asked next says so.
        }
    }
    return any;
}

}  // namespace cachectl
