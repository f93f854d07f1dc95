#include "walk/slot_watch.hpp"

#include <algorithm>

#include "redis/info.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_between_looks{150};
// CLUSTER NODES has a line for each node, some 2 microseconds of work, and there is one from each.
constexpr milliseconds k_between_looks_a_node{8};

bool has_come_back(const SlotWatch::Node& node) {
    return node.before && (!node.after || may_have_come_back(*node.before, *node.after));
}

/// Whether slots may have moved as a whole (CLUSTER MIGRATESLOTS), which MIGRATE has no part in.
bool may_have_moved_slots(const SlotWatch::Node& node) {
    return !node.before || !node.after || node.before->slots != node.after->slots;
}

}  // namespace

std::optional<KeyTransfers> parse_transfers(const Reply& commandstats) {
    if (!commandstats.is_text()) {
        return std::nullopt;
    }
    KeyTransfers transfers;
    const InfoFields info(commandstats.text);
    const auto calls_of = [](const InfoParts& parts) { return parts.count("calls").value_or(0); };
    for (const CommandInfo& command : info.commands()) {
        transfers.commands += calls_of(command.parts);
    }
    transfers.sent = calls_of(info.command("migrate"));
    transfers.received = calls_of(info.command("restore-asking"));
    transfers.slots = calls_of(info.command("cluster|syncslots"));
    if (transfers.commands == 0) {
        return std::nullopt;
    }
    return transfers;
}

bool may_have_come_back(const KeyTransfers& before, const KeyTransfers& after) {
    if (after.commands < before.commands) {
        return true;
    }
    return after.sent != before.sent && after.received != before.received;
}

SlotWatch::SlotWatch(Client& cluster) : m_cluster(cluster) {
    cluster.connect_all(Client::WaitFor::prompt);
    for (ServerNode& server : cluster.nodes()) {
        m_nodes.push_back({.server = std::move(server)});
    }
    count(&Node::before);
    look();
}

void SlotWatch::keep_looking() {
    const auto pause = std::max<std::chrono::milliseconds>(
        k_between_looks, k_between_looks_a_node * static_cast<int>(m_nodes.size()));
    m_cluster.after(pause, m_lifetime.guard([this] {
        if (m_ended) {
            return;
        }
        // A node that has not answered the look before has enough to do.
        if (m_waiting == 0) {
            for (std::size_t i = 0; i < m_nodes.size(); ++i) {
                ask(i);
            }
        }
        keep_looking();
    }));
}

void SlotWatch::end() {
    m_ended = true;
    m_cluster.connect_all(Client::WaitFor::prompt);  // also those that were lost
    for (ServerNode& server : m_cluster.nodes()) {
        const bool known = std::any_of(m_nodes.begin(), m_nodes.end(), [&](const Node& node) {
            return node.server.client == server.client;
        });
        if (!known) {
            m_nodes.push_back({.server = std::move(server)});
        }
    }
    m_cluster.run_until([this] { return m_waiting == 0; });
    look();
    count(&Node::after);
}

void SlotWatch::look() {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        ask(i);
    }
    m_cluster.run_until([this] { return m_waiting == 0; });
}

void SlotWatch::ask(std::size_t node) {
    ++m_waiting;
    m_nodes[node].server.client->send({"CLUSTER", "NODES"},
                                      m_lifetime.guard([this, node](const Reply& reply) {
                                          --m_waiting;
                                          take(m_nodes[node], reply);
                                      }));
}

void SlotWatch::take(Node& node, const Reply& reply) {
    const auto now = parse_own_slots(reply);
    node.failed_reply.reset();
    if (!now) {
        node.failed_reply = reply;
        return;
    }
    node.here = now->served | now->arriving;
    const SlotSet steady = now->is_master ? now->served & ~now->leaving : SlotSet();
    if (!node.first) {
        node.first = now;
        node.kept = steady;
    }
    node.kept &= now->id == node.first->id ? steady : SlotSet();
    node.same_epoch &= now->epoch == node.first->epoch;
    m_arriving |= now->arriving;
    m_moving |= now->leaving | now->arriving;
    if (now->is_master) {
        m_held |= node.here;
    }
}

// Whoever did not tell at the login is not asked again: a refusal goes to the server's ACL LOG.
void SlotWatch::count(std::optional<KeyTransfers> Node::*when) {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        Client& server = *m_nodes[i].server.client;
        if (server.server().info.empty()) {
            continue;
        }
        ++m_waiting;
        server.send({"INFO", "commandstats"}, m_lifetime.guard([this, i, when](const Reply& reply) {
            --m_waiting;
            m_nodes[i].*when = parse_transfers(reply);
        }));
    }
    m_cluster.run_until([this] { return m_waiting == 0; });
    for (const Node& node : m_nodes) {
        if (node.after && has_come_back(node)) {
            m_moving |= node.kept;
        }
    }
}

// A slot that went away and came back left its node with a new epoch, because whoever is given a
// slot takes the highest there is, unless it has that already. Where all keys of a slot come in one
// reply, it has them all unless the slot was away just then. MIGRATE would have counted its keys.
SlotSet SlotWatch::steady(const Node& node, Way way) const {
    if (node.failed_reply || has_come_back(node)) {
        return {};
    }
    if (!node.same_epoch && (way == Way::page_by_page || may_have_moved_slots(node))) {
        return {};
    }
    return node.kept & ~m_arriving;
}

}  // namespace cachectl
