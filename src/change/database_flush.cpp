#include "change/database_flush.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "redis/retry.hpp"
#include "util/signals.hpp"
#include "walk/slot_watch.hpp"

namespace cachectl {

namespace {

/// The connection to a server was closed.
struct ConnectionLost : Error {
    explicit ConnectionLost(const Error& error) : Error(error) {}
};

/// Asks again while the server is busy: a refused command has not been executed.
Reply call_patiently(Client& client, std::initializer_list<std::string_view> args) {
    for (Retry retry;;) {
        Reply reply = client.call(args);
        if (stop_signal() != 0 || !retry.pays(reply)) {
            return reply;
        }
        client.sleep(Retry::k_step);
    }
}

/// Kvrocks empties a database at once, by dropping the range of its keys, and takes no argument. To
/// Redis and Valkey it is never sent without ASYNC.
bool knows_no_async(const Reply& reply, const ServerInfo& server) {
    return !server.is_of_known_kind() && !server.name.empty() && reply.error_prefix() == "ERR" &&
           reply.text.find("wrong number of arguments") != std::string::npos;
}

std::string on_node(const ServerNode& node) { return node.name.empty() ? "" : " on " + node.name; }

Error cannot_count(const Reply& reply, const ServerNode& node) {
    return refusal(reply, "count the keys" + on_node(node), node.client->server());
}

std::uint64_t count_from(std::int64_t number) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number));
}

DatabaseSizes all_database_sizes(const ServerNode& node) {
    const Reply reply = call_patiently(*node.client, {"INFO", "keyspace"});
    if (reply.is_broken()) {
        throw ConnectionLost(cannot_count(reply, node));
    }
    if (!reply.is_text()) {
        throw cannot_count(reply, node);
    }
    DatabaseSizes sizes;
    const InfoFields info(reply.text);
    for (const DatabaseInfo& database : info.databases()) {
        const auto keys = database.parts.count("keys");
        if (!keys) {
            continue;
        }
        sizes.keys += *keys;
        sizes.by_database.emplace_back(fmt::format("db{}", database.number), *keys);
    }
    return sizes;
}

/// Without a right to that either, or the command, there is no hint of how many keys there are.
DatabaseSizes size_by_info(const ServerNode& node, unsigned database) {
    const Reply reply = call_patiently(*node.client, {"INFO", "keyspace"});
    if (!reply.is_text()) {
        return {};
    }
    const InfoFields info(reply.text);
    for (const DatabaseInfo& one : info.databases()) {
        if (one.number == database) {
            return {one.parts.count("keys").value_or(0), {}};
        }
    }
    return {};
}

DatabaseSizes selected_database_size(const ServerNode& node, unsigned database) {
    const Reply reply = call_patiently(*node.client, {"DBSIZE"});
    if (reply.is_broken()) {
        throw ConnectionLost(cannot_count(reply, node));
    }
    if (denied_by(reply) == Denied::command) {
        return size_by_info(node, database);
    }
    if (!reply.is_integer()) {
        throw cannot_count(reply, node);
    }
    return {count_from(reply.integer), {}};
}

}  // namespace

DatabaseFlush::DatabaseFlush(Client& client, FlushScope scope, unsigned database,
                             std::vector<SlotRange> without)
    : m_client(client),
      m_scope(scope),
      m_database(database),
      m_without(std::move(without)),
      m_run_id(client.server().run_id) {}

std::string_view DatabaseFlush::command() const {
    return m_scope == FlushScope::database ? "FLUSHDB" : "FLUSHALL";
}

DatabaseSizes DatabaseFlush::look() {
    try {
        m_targets = ask_all();
    } catch (const ConnectionLost&) {
        // While a person read the question, or before it.
        connect_anew();
        m_targets = ask_all();
    }
    std::map<std::string, std::uint64_t> by_database;
    DatabaseSizes total;
    for (const Target& target : m_targets) {
        total.keys += target.sizes.keys;
        for (const auto& [name, keys] : target.sizes.by_database) {
            by_database[name] += keys;
        }
    }
    total.by_database.assign(by_database.begin(), by_database.end());
    std::stable_sort(total.by_database.begin(), total.by_database.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return total;
}

std::vector<DatabaseFlush::Target> DatabaseFlush::ask_all() {
    const auto measure = [this](const ServerNode& node) {
        return m_scope == FlushScope::database ? selected_database_size(node, m_database)
                                               : all_database_sizes(node);
    };
    std::vector<Target> targets;
    m_client.connect_all();
    for (const ServerNode& node : m_client.nodes()) {
        try {
            targets.push_back({node, measure(node)});
        } catch (const Error& error) {
            if (m_without.empty() || error.code() != ExitCode::unreachable) {
                throw;
            }
        }
    }
    return targets;
}

// The question was about one server; what another process holds nobody has been asked about.
void DatabaseFlush::connect_anew() {
    m_client.reconnect();
    const std::string& now = m_client.server().run_id;
    if (m_run_id.empty() || now == m_run_id || m_client.masters() != 0) {
        return;
    }
    throw Error(ExitCode::guard,
                "another server process answers now, after a restart or a failover; nothing was "
                "changed",
                "look at what it holds, and run the same command again");
}

bool DatabaseFlush::slots_move() const {
    if (m_client.masters() == 0) {
        return false;
    }
    SlotWatch watch(m_client);
    watch.end();
    for (const SlotWatch::Node& node : watch.nodes()) {
        if (node.failed_reply && node.failed_reply->is_error()) {
            throw refusal(*node.failed_reply, "read which slots " + node.server.name + " serves",
                          node.server.client->server());
        }
    }
    return watch.moving().any();
}

FlushOutcome DatabaseFlush::run() {
    std::optional<SlotWatch> watch;
    if (m_client.masters() != 0) {
        watch.emplace(m_client);
    }
    FlushOutcome outcome;
    std::string done;
    for (const Target& target : m_targets) {
        if (stop_signal() != 0) {
            outcome.tally.not_attempted += target.sizes.keys;
            outcome.failure = Error(ExitCode::partial, "interrupted");
        } else if (auto error = flush(target, outcome.tally)) {
            if (!outcome.failure) {
                outcome.failure = std::move(error);
            }
        } else {
            done += (done.empty() ? "" : ", ") + target.node.name;
        }
    }
    if (outcome.failure && !done.empty()) {
        outcome.failure = Error(ExitCode::partial, outcome.failure->what() + ("; flushed: " + done),
                                outcome.failure->hint());
    }
    if (!watch || outcome.failure) {
        return outcome;
    }
    watch->end();
    Coverage emptied;
    emptied.leave_out(m_without);
    for (const SlotWatch::Node& node : watch->nodes()) {
        emptied.add(watch->steady(node, SlotWatch::Way::page_by_page));
    }
    if (!emptied.complete()) {
        const std::string slots = format_slots(emptied.missing());
        outcome.failure = Error(
            ExitCode::partial,
            "slots " + slots + " were moved meanwhile: some of their keys may be left", {}, slots);
    }
    return outcome;
}

/// Sends the command, once: what was written since must not go with a second one.
std::optional<Error> DatabaseFlush::flush(const Target& target, ChangeTally& tally) {
    Client& client = *target.node.client;
    const std::string attempted = "flush" + on_node(target.node);
    const std::uint64_t keys = target.sizes.keys;
    Reply reply = call_patiently(client, {command(), "ASYNC"});
    if (knows_no_async(reply, client.server())) {
        reply = call_patiently(client, {command()});
    }
    if (reply.is_ok()) {
        tally.changed += keys;
        return std::nullopt;
    }
    if (reply.is_error()) {
        tally.failed += keys;
        const Error error = refusal(reply, attempted, client.server());
        return Error(error.code(), error.what(),
                     error.hint().empty() ? "key by key it may work: cachectl invalidate '*' --all"
                                          : error.hint());
    }
    if (reply.type == Reply::Type::unsent) {
        tally.not_attempted += keys;
        return refusal(reply, attempted, client.server());
    }
    tally.unknown += keys;
    return Error(ExitCode::partial,
                 std::string(command()) + " was sent" +
                     (target.node.name.empty() ? "" : " to " + target.node.name) +
                     ", but its outcome is unknown: " +
                     (reply.is_broken() ? reply.text : "a reply of the wrong kind"),
                 "it is not sent twice: check with DBSIZE whether it was executed");
}

}  // namespace cachectl
