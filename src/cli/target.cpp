#include "cli/target.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

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
    const bool is_context = settings.server_is_of_context && !settings.context.empty();
    std::string command = "cachectl";
    const auto add = [&command](std::string_view option, const std::string& value) {
        command += fmt::format(" {} {}", option, shell_word_if_needed(value));
    };
    if (is_context) {
        if (!settings.config_file.empty()) {
            add("--config", settings.config_file);
        }
        add("--context", settings.context);
    } else if (server.is_found_by_sentinels()) {
        std::vector<std::string> nodes;
        for (const HostPort& node : server.sentinels.nodes) {
            nodes.push_back(node.name());
        }
        add("--sentinel", fmt::format("{}", fmt::join(nodes, ",")));
        add("--master-name", server.sentinels.master_name);
    } else if (!server.socket_path.empty()) {
        add("-s", server.socket_path);
    } else {
        std::string hosts = server.host;
        for (const HostPort& other : settings.other_hosts) {
            hosts += ',' + (other.port == 0 ? other.host : other.name());
        }
        add("-h", hosts);
        add("-p", std::to_string(server.port));
    }
    if (!is_context && server.tls) {
        command += " --tls";
    }
    if (server.db != (is_context ? settings.context_database : 0)) {
        add("-n", std::to_string(server.db));
    }
    for (const std::string& word : settings.connection_words) {
        command += ' ' + shell_word_if_needed(word);
    }
    return command;
}

void check_writable(const ServerInfo& server, std::string_view attempted) {
    if (!server.is_read_only_replica()) {
        return;
    }
    throw refusal(Reply::make_error("READONLY the server is a read-only replica"), attempted,
                  server);
}

}  // namespace cachectl
