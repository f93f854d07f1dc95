#include "redis/cluster/nodes.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_strangers_asked = 8;  // for the slot map, when no node is connected

HostPort asked_address(const ServerAddress& address) {
    // Behind a Unix socket the cluster's nodes are on this machine.
    return {address.socket_path.empty() ? address.host : "127.0.0.1", address.port};
}

}  // namespace

ClusterNodes::ClusterNodes(Loop& loop, ServerAddress address, std::unique_ptr<Session> seed,
                           ClusterOptions options)
    : m_loop(loop), m_seed_address(std::move(address)), m_options(std::move(options)) {
    ClusterNode& node = add({}, asked_address(m_seed_address));
    node.adopt(seed->release());
    const Reply id = node.call({"CLUSTER", "MYID"});
    if (id.is_text()) {
        node.id = id.text;
    }
    read_map(node, node.call({"CLUSTER", "SLOTS"}));
}

ClusterNode& ClusterNodes::add(const HostPort& announced, const HostPort& address) {
    ServerAddress server = m_seed_address;
    // The seed is the first node; its address was given by the user.
    if (!m_nodes.empty()) {
        server.socket_path.clear();
        server.host = address.host;
        server.port = address.port;
    }
    m_nodes.push_back(
        std::make_unique<ClusterNode>(m_loop, announced, std::move(server), m_options.session));
    m_nodes.back()->on_settled = [this] { settled(); };
    return *m_nodes.back();
}

ClusterNode& ClusterNodes::node_for(const SlotOwner& owner) {
    for (const auto& node : m_nodes) {
        const bool same_id = !owner.id.empty() && node->id == owner.id;
        const bool same_place = asked_address(node->address()) == owner.address;
        // A node that has moved is another one, unless we still talk to it.
        if (same_id ? same_place || node->connected() : node->id.empty() && same_place) {
            node->id = owner.id;
            node->announced = owner.announced;
            return *node;
        }
    }
    ClusterNode& node = add(owner.announced, owner.address);
    node.id = owner.id;
    return node;
}

ClusterNode* ClusterNodes::at(const HostPort& announced, const ClusterNode& said_by) {
    HostPort address = announced;
    if (const auto mapped = m_options.node_map.find(announced);
        mapped != m_options.node_map.end()) {
        address = mapped->second;
    } else if (announced.host == "?") {
        return only_one_announced(announced);
    } else if (announced.host.empty()) {
        address.host = asked_address(said_by.address()).host;
    }
    for (const auto& node : m_nodes) {
        if ((!announced.host.empty() && node->announced == announced) ||
            asked_address(node->address()) == address) {
            return node.get();
        }
    }
    return &add(announced, address);
}

// Of nodes without a host, those we know by other means may be told apart by their ports.
ClusterNode* ClusterNodes::only_one_announced(const HostPort& announced) const {
    ClusterNode* found = nullptr;
    for (const auto& node : m_nodes) {
        if (node->announced != announced) {
            continue;
        }
        if (found != nullptr) {
            return nullptr;
        }
        found = node.get();
    }
    return found;
}

ClusterNode* ClusterNodes::any() {
    for (const auto& node : m_nodes) {
        if (node->connected()) {
            return node.get();
        }
    }
    return m_masters.empty() ? nullptr : m_masters.front();
}

std::vector<SlotRange> ClusterNodes::slots_of(const ClusterNode& node) const {
    return slot_ranges([&](std::uint16_t slot) { return m_owners[slot] == &node; });
}

void ClusterNodes::read_map(ClusterNode& from, const Reply& reply) {
    if (reply.is_error() || reply.is_broken()) {
        throw refusal(reply, "read the cluster's slots from " + from.name(), from.server());
    }
    const UsesTls uses_tls = from.address().tls ? UsesTls::yes : UsesTls::no;
    apply(parse_slot_map(reply, {from.id, asked_address(from.address()), uses_tls},
                         m_options.node_map));
}

void ClusterNodes::apply(const SlotMap& map) {
    m_masters.clear();
    m_owners.fill(nullptr);
    for (const SlotOwner& owner : map.masters) {
        ClusterNode& node = node_for(owner);
        m_masters.push_back(&node);
        node.has_replicas = !owner.replicas.empty();
        for (const SlotRange& range : owner.slots) {
            std::fill(m_owners.begin() + range.first, m_owners.begin() + range.last + 1, &node);
        }
        // One of them may be the next master, and any of them can be asked for the map.
        for (const HostPort& replica : owner.replicas) {
            (void)at(replica, node);
        }
    }
    m_unserved = map.uncovered();
    m_old = false;
}

bool ClusterNodes::refresh() {
    begin_refresh();
    m_loop.run_until([this] { return !m_refreshing || stop_signal() != 0; });
    return !m_refreshing && m_new_map == NewMap::yes;
}

void ClusterNodes::begin_refresh() {
    if (m_refreshing) {
        return;
    }
    m_refreshing = true;
    m_asked.clear();
    m_strangers.clear();
    ask_next();
}

/// One that is connected; when these have been asked in vain, whoever of the others can be
/// connected to first.
void ClusterNodes::ask_next() {
    for (const auto& node : m_nodes) {
        if (node->connected() && m_asked.insert(node.get()).second) {
            ask(*node);
            return;
        }
    }
    bool is_connecting = false;
    for (const auto& node : m_nodes) {
        if (node->connected()) {
            continue;
        }
        if (m_strangers.size() < k_strangers_asked && m_strangers.insert(node.get()).second) {
            node->begin_connect();
        }
        is_connecting |= node->connecting() && m_strangers.contains(node.get());
    }
    if (!is_connecting) {
        end_refresh(NewMap::no);
    }
}

void ClusterNodes::ask(ClusterNode& node) {
    m_awaits_map = true;
    node.send({"CLUSTER", "SLOTS"}, m_lifetime.guard([this, &node](const Reply& reply) {
        m_awaits_map = false;
        try {
            read_map(node, reply);
            end_refresh(NewMap::yes);
        } catch (const Error&) {
            ask_next();  // who may know
        }
    }));
}

void ClusterNodes::end_refresh(NewMap read) {
    m_refreshing = false;
    m_new_map = read;
    on_change();
}

void ClusterNodes::settled() {
    if (m_refreshing && !m_awaits_map) {
        ask_next();
    }
    on_change();
}

}  // namespace cachectl
