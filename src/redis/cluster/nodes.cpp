#include "redis/cluster/nodes.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr int k_strangers_asked = 8;  // for the slot map, when no node is connected

HostPort asked_address(const ServerAddress& address) {
    // Behind a Unix socket the cluster's nodes are on this machine.
    return {address.socket_path.empty() ? address.host : "127.0.0.1", address.port};
}

}  // namespace

ClusterNodes::ClusterNodes(Loop& loop, ServerAddress address, std::unique_ptr<Session> seed,
                           ClusterOptions options)
    : m_loop(loop), m_seed_address(std::move(address)), m_options(std::move(options)) {
    ClusterNode& node = add({}, asked_address(m_seed_address));
    node.adopt(std::move(seed));
    const Reply id = node.call({"CLUSTER", "MYID"});
    if (id.is_text()) node.id = id.text;
    read_map(node);
}

ClusterNode& ClusterNodes::add(const HostPort& announced, const HostPort& address) {
    ServerAddress server = m_seed_address;
    // The seed is the first, and its address is the user's word.
    if (!m_nodes.empty()) {
        server.socket_path.clear();
        server.host = address.host;
        server.port = address.port;
    }
    m_nodes.push_back(
        std::make_unique<ClusterNode>(m_loop, announced, std::move(server), m_options.session));
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
        if (node->announced != announced) continue;
        if (found != nullptr) return nullptr;
        found = node.get();
    }
    return found;
}

ClusterNode* ClusterNodes::any() {
    for (const auto& node : m_nodes) {
        if (node->connected()) return node.get();
    }
    return m_masters.empty() ? nullptr : m_masters.front();
}

std::vector<SlotRange> ClusterNodes::slots_of(const ClusterNode& node) const {
    return slot_ranges([&](std::uint16_t slot) { return m_owners[slot] == &node; });
}

void ClusterNodes::read_map(ClusterNode& from) {
    const Reply reply = from.call({"CLUSTER", "SLOTS"});
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
        for (const HostPort& replica : owner.replicas) (void)at(replica, node);
    }
    m_unserved = map.uncovered();
    m_old = false;
}

void ClusterNodes::refresh() {
    std::vector<ClusterNode*> candidates;
    for (const auto& node : m_nodes) candidates.push_back(node.get());
    std::stable_partition(candidates.begin(), candidates.end(),
                          [](const ClusterNode* node) { return node->connected(); });
    int strangers = 0;
    for (ClusterNode* node : candidates) {
        if (stop_signal() != 0) return;
        if (!node->connected() && (++strangers > k_strangers_asked || !node->connect())) continue;
        try {
            read_map(*node);
            return;
        } catch (const Error& error) {
            if (error.code() == ExitCode::local_io) throw;
            // Else the next one may know.
        }
    }
}

}  // namespace cachectl
