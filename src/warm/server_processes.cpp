#include "warm/server_processes.hpp"

#include <utility>

#include "redis/info.hpp"

namespace cachectl {

namespace {

std::string who(const ServerNode& node) {
    return node.name.empty() ? "the server" : "the server " + node.name;
}

}  // namespace

ServerProcesses::ServerProcesses(Client& client) : m_begin(std::chrono::steady_clock::now()) {
    for (const ServerNode& node : client.nodes()) {
        const ServerInfo& server = node.client->server();
        // One that has never been connected has no name of its own either.
        if (server.run_id.empty() && server.version.empty()) continue;
        m_first.insert(server.run_id);
        m_known.insert(server.run_id);
        const std::string history(server.info.text("master_replid"));
        if (!history.empty()) m_histories.insert(history);
    }
}

std::vector<std::string> ServerProcesses::run_ids() const {
    return {m_first.begin(), m_first.end()};
}

std::optional<Error> ServerProcesses::check(Client& client) {
    for (const ServerNode& node : client.nodes()) {
        if (auto error = check_node(node)) return error;
    }
    return std::nullopt;
}

std::optional<Error> ServerProcesses::check_node(const ServerNode& node) {
    bool same = true;
    const bool was_known = m_known.contains(node.client->server().run_id);
    try {
        if (node.client->call({"PING"}).is_broken()) same = node.client->reconnect();
    } catch (const Error& error) {
        if (!was_known) return std::nullopt;  // nothing was written to it
        return Error(error.code(), "cannot tell whether " + who(node) +
                                       " still has what was written: " + error.what());
    }
    const std::string run_id = node.client->server().run_id;
    if (same && (run_id.empty() || m_known.contains(run_id))) return std::nullopt;
    // What it said when the connection was made may be older than what has happened since.
    const Reply info = node.client->call({"INFO"});
    const ServerInfo server =
        info.is_text() ? server_info_from(Reply(), info) : node.client->server();
    // A replica that took over has lived longer than this run, and goes on with its master's
    // replication history. A process that has loaded a snapshot is younger.
    const auto age = std::chrono::steady_clock::now() - m_begin;
    const bool is_older =
        std::chrono::seconds(server.info.integer("uptime_in_seconds").value_or(0)) >= age;
    const bool goes_on = m_histories.contains(std::string(server.info.text("master_replid"))) ||
                         m_histories.contains(std::string(server.info.text("master_replid2")));
    if (server.role != "replica" && is_older && goes_on) {
        m_known.insert(server.run_id);
        m_histories.insert(std::string(server.info.text("master_replid")));
        m_promoted.push_back(who(node));
        return std::nullopt;
    }
    // A node that joined the cluster, or one that had been out of reach, got its slots from others.
    if (same && !node.name.empty() && !was_known && is_older) return std::nullopt;
    return Error(ExitCode::partial,
                 who(node) + (server.role == "replica"
                                  ? " is a replica by now: what was written may be lost"
                                  : " was restarted in mid-run: what was written before is lost "
                                    "unless it was saved"));
}

std::vector<std::string> ServerProcesses::take_promoted() { return std::exchange(m_promoted, {}); }

}  // namespace cachectl
