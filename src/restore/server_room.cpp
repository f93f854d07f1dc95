#include "restore/server_room.hpp"

#include <algorithm>

#include "redis/info.hpp"

namespace cachectl {

namespace {

InfoFields info(Client& server, std::string_view section) {
    const Reply reply = server.call({"INFO", section});
    return InfoFields(reply.is_text() ? reply.text : std::string());
}

}  // namespace

ServerRoom ask_room(Client& client) {
    ServerRoom room{.free = 0, .evicted = 0};
    client.connect_all();
    for (const ServerNode& node : client.nodes()) {
        const InfoFields memory = info(*node.client, "memory");
        const auto used = memory.integer("used_memory");
        const auto most = memory.integer("maxmemory");
        if (!used || !most || *most <= 0) {
            room.free.reset();
        } else if (room.free) {
            *room.free += static_cast<std::uint64_t>(std::max<std::int64_t>(0, *most - *used));
        }
        const auto evicted = info(*node.client, "stats").integer("evicted_keys");
        if (!evicted) {
            room.evicted.reset();
        } else if (room.evicted) {
            *room.evicted += static_cast<std::uint64_t>(std::max<std::int64_t>(0, *evicted));
        }
    }
    return room;
}

}  // namespace cachectl
