#include "cli/target.hpp"

#include <fmt/format.h>

#include "redis/error_reply.hpp"

namespace cachectl {

std::string name_of_database(const ServerAddress& server) {
    if (server.db == 0) {
        return server.name();
    }
    return server.name() + (server.socket_path.empty() ? "/" : "?db=") + std::to_string(server.db);
}

std::string describe_server(std::string_view name, std::size_t masters) {
    if (masters == 0) {
        return std::string(name);
    }
    return fmt::format("the cluster of {} {} at {}", masters, masters == 1 ? "master" : "masters",
                       name);
}

void check_writable(const ServerInfo& server, std::string_view attempted) {
    if (!server.is_read_only_replica()) {
        return;
    }
    throw refusal(Reply::make_error("READONLY the server is a read-only replica"), attempted,
                  server);
}

}  // namespace cachectl
