// The nodes of a cluster that have been heard of, and which of them serves which slot.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <vector>

#include "redis/cluster/address.hpp"
#include "redis/cluster/node.hpp"
#include "redis/cluster/slot_map.hpp"
#include "redis/session.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

struct ClusterOptions {
    UseCluster use = UseCluster::automatic;
    NodeMap node_map;
    SessionOptions session;
};

/// A node stays where it is once it has been heard of, so pointers to it stay valid.
class ClusterNodes {
public:
    /// `seed` is connected to a node at `address`. Throws Error(unreachable), or Error(refused),
    /// if that node does not tell the slot map.
    ClusterNodes(Loop& loop, ServerAddress address, std::unique_ptr<Session> seed,
                 ClusterOptions options);

    /// The master that serves the slot; nothing if none does.
    [[nodiscard]] ClusterNode* owner(std::uint16_t slot) { return m_owners[slot]; }
    /// Until the next map says otherwise.
    void set_owner(std::uint16_t slot, ClusterNode& node) { m_owners[slot] = &node; }
    /// The node that another one sends us to; nothing if the address has no host that we could
    /// know. It need not be connected.
    [[nodiscard]] ClusterNode* at(const HostPort& announced, const ClusterNode& said_by);
    /// One that is connected, if there is one; nothing if there is none at all.
    [[nodiscard]] ClusterNode* any();

    /// Of the latest map.
    [[nodiscard]] const std::vector<ClusterNode*>& masters() const { return m_masters; }
    [[nodiscard]] std::vector<SlotRange> slots_of(const ClusterNode& node) const;
    [[nodiscard]] const std::vector<SlotRange>& unserved() const { return m_unserved; }

    /// There is reason to think that the map is not true any more.
    void mark_old() { m_old = true; }
    [[nodiscard]] bool are_old() const { return m_old; }
    /// Asks those that are connected first, then others, some at once; they stay old if nobody
    /// answers. `on_change` tells when that is over.
    void begin_refresh();
    [[nodiscard]] bool refreshing() const { return m_refreshing; }
    /// begin_refresh(), and waits for the end, or for a signal. Whether there is a new map.
    bool refresh();

    /// Called when a refresh has ended, or a try to connect to a node, well or not. To be set
    /// before either begins.
    std::function<void()> on_change;

private:
    ClusterNode& add(const HostPort& announced, const HostPort& address);
    ClusterNode& node_for(const SlotOwner& owner);
    [[nodiscard]] ClusterNode* only_one_announced(const HostPort& announced) const;
    void ask_next();
    void ask(ClusterNode& node);
    enum class NewMap { no, yes };
    void end_refresh(NewMap read);
    void settled();
    void read_map(ClusterNode& from, const Reply& reply);
    void apply(const SlotMap& map);

    Loop& m_loop;
    ServerAddress m_seed_address;
    ClusterOptions m_options;
    std::vector<std::unique_ptr<ClusterNode>> m_nodes;
    std::vector<ClusterNode*> m_masters;
    std::array<ClusterNode*, k_slots> m_owners{};
    std::vector<SlotRange> m_unserved;
    bool m_old = false;

    // While it is refreshed.
    bool m_refreshing = false;
    NewMap m_new_map = NewMap::no;             // of the latest refresh
    bool m_awaits_map = false;                 // from one that has been asked
    std::set<const ClusterNode*> m_asked;      // for the map
    std::set<const ClusterNode*> m_strangers;  // whom it was tried to connect to, to ask them
    Lifetime m_lifetime;
};

}  // namespace cachectl
