#include "redis/server_processes.hpp"

#include <utility>

#include "redis/info.hpp"
#include "redis/retry.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

std::string who(const ServerNode& node) {
    return node.name.empty() ? "the server" : "the server " + node.name;
}

/// One that has never been connected to has neither.
bool has_said_hello(const ServerInfo& server) {
    return !server.run_id.empty() || !server.version.empty();
}

/// Of a master: it was a replica once, or has loaded what another master saved.
bool has_second_history(const ServerInfo& server) {
    return server.info.text("master_replid2").find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

ServerProcesses::ServerProcesses(Client& client) : m_begin(std::chrono::steady_clock::now()) {
    for (const ServerNode& node : client.nodes()) {
        const ServerInfo& server = node.client->server();
        if (!has_said_hello(server)) {
            continue;
        }
        m_names.insert(node.name);
        m_first.insert(server.run_id);
        m_known.insert(server.run_id);
        const std::string history(server.info.text("master_replid"));
        m_identities.insert(server.run_id.empty() ? "" : server.run_id + ':' + history);
        if (!history.empty()) {
            m_histories.insert(history);
        }
    }
}

std::vector<std::string> ServerProcesses::run_ids() const {
    return {m_first.begin(), m_first.end()};
}

std::vector<std::string> ServerProcesses::identities() const {
    return {m_identities.begin(), m_identities.end()};
}

std::optional<Error> ServerProcesses::check(Client& client) {
    Retry retry(client.failover_patience());
    while (true) {
        std::optional<Error> error = check_nodes(client);
        const bool may_pass =
            error && error->code() == ExitCode::unreachable && client.masters() != 0;
        if (!may_pass || !retry.has_patience() || stop_signal() != 0) {
            return error;
        }
        client.sleep(Retry::k_step);
        try {
            client.reconnect();
            client.connect_all();
        } catch (const Error& unreachable) {
            if (unreachable.code() != ExitCode::unreachable) {
                throw;
            }
        }
    }
}

std::optional<Error> ServerProcesses::check_changes(Client& client) {
    std::optional<Error> error;
    try {
        error = check(client);
    } catch (const Error& failure) {
        error = failure;
    }
    if (error) {
        return Error(ExitCode::partial, error->what(), error->hint(), error->subject());
    }
    std::string names;
    for (const std::string& name : take_promoted()) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (names.empty()) {
        return std::nullopt;
    }
    return Error(ExitCode::partial, names +
                                        " took over from its master in mid-run: what was changed "
                                        "before may not be so there");
}

std::optional<Error> ServerProcesses::check_nodes(Client& client) {
    for (const ServerNode& node : client.nodes()) {
        if (auto error = check_node(node)) {
            return error;
        }
    }
    return std::nullopt;
}

std::optional<Error> ServerProcesses::check_node(const ServerNode& node) {
    bool same = true;
    const bool was_connected = has_said_hello(node.client->server());
    const bool was_known = was_connected && m_known.contains(node.client->server().run_id);
    try {
        if (node.client->call({"PING"}).is_broken()) {
            same = node.client->reconnect();
        }
    } catch (const Error& error) {
        if (!was_connected) {
            return std::nullopt;  // nothing was written to it
        }
        return Error(error.code(), "cannot tell whether " + who(node) +
                                       " still has what was written: " + error.what());
    }
    const std::string run_id = node.client->server().run_id;
    const bool is_known = same && (run_id.empty() || m_known.contains(run_id));
    if (is_known && m_histories.empty()) {
        return std::nullopt;  // it does not tell of its replication
    }
    // What it said when the connection was made may be older than what has happened since.
    const Reply info = node.client->call({"INFO"});
    const ServerInfo server =
        info.is_text() ? server_info_from(Reply(), info) : node.client->server();
    if (is_known) {
        if (!was_replica(server)) {
            return std::nullopt;
        }
        return Error(ExitCode::partial,
                     who(node) + " was a replica in mid-run: what was written may be lost");
    }
    // A replica that took over has lived longer than this run, and goes on with its master's
    // replication history. A process that has loaded a snapshot is younger. Its uptime is the
    // difference of two times in whole seconds: up to one too much.
    const auto age = std::chrono::steady_clock::now() - m_begin;
    const std::chrono::seconds uptime(server.info.integer("uptime_in_seconds").value_or(0));
    const bool is_older = uptime - std::chrono::seconds(1) >= age;
    const bool goes_on = m_histories.contains(std::string(server.info.text("master_replid"))) ||
                         m_histories.contains(std::string(server.info.text("master_replid2")));
    if (server.role != "replica" && is_older && goes_on) {
        note_promoted(node, server);
        return std::nullopt;
    }
    // A node that joined the cluster, or one that had been out of reach, got its slots from others,
    // unless it is the replica of a replica that took over before.
    if (same && !node.name.empty() && !m_names.contains(node.name) && !was_known && is_older) {
        if (has_second_history(server)) {
            note_promoted(node, server);
        }
        return std::nullopt;
    }
    return Error(ExitCode::partial,
                 who(node) + (server.role == "replica"
                                  ? " is a replica by now: what was written may be lost"
                                  : " was restarted in mid-run: what was written before is lost "
                                    "unless it was saved"));
}

// A replica takes the history of its master, and keeps it as its second one when it is promoted. A
// master that gets its first replica begins a new one, and has no second.
bool ServerProcesses::was_replica(const ServerInfo& server) const {
    const std::string now(server.info.text("master_replid"));
    const std::string before(server.info.text("master_replid2"));
    if (now.empty() || m_histories.contains(now) || m_histories.contains(before)) {
        return false;
    }
    return server.role == "replica" || before.find_first_not_of('0') != std::string::npos;
}

void ServerProcesses::note_promoted(const ServerNode& node, const ServerInfo& server) {
    m_known.insert(server.run_id);
    m_histories.insert(std::string(server.info.text("master_replid")));
    m_promoted.push_back(who(node));
}

std::vector<std::string> ServerProcesses::take_promoted() { return std::exchange(m_promoted, {}); }

}  // namespace cachectl
