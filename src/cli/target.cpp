#include "cli/target.hpp"

#include <fmt/format.h>

#include "redis/error_reply.hpp"
#include "util/text.hpp"

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

std::string command_for(const Settings& settings) {
    const ServerAddress& server = settings.address;
    std::string command = "cachectl";
    if (settings.server_is_of_context && !settings.context.empty()) {
        command += " --context " + shell_word_if_needed(settings.context);
    } else if (server.is_found_by_sentinels()) {
        command += " --master-name " + shell_word_if_needed(server.host) + " --sentinel …";
    } else if (!server.socket_path.empty()) {
        command += " -s " + shell_word_if_needed(server.socket_path);
    } else {
        command += fmt::format(" -h {} -p {}", shell_word_if_needed(server.host), server.port);
    }
    return server.db == 0 ? command : command + fmt::format(" -n {}", server.db);
}

void check_writable(const ServerInfo& server, std::string_view attempted) {
    if (!server.is_read_only_replica()) {
        return;
    }
    throw refusal(Reply::make_error("READONLY the server is a read-only replica"), attempted,
                  server);
}

}  // namespace cachectl
