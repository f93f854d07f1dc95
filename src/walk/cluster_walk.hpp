// A walk over all masters of a cluster that notices when slots, or whole nodes, change under it:
// what was not certainly walked is walked again.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"
#include "walk/coverage.hpp"
#include "walk/seen_keys.hpp"
#include "walk/walker.hpp"

namespace cachectl {

/// First every master is walked with SCAN. Slots that moved meanwhile are listed again, one by one
/// and each at once (CLUSTER GETKEYSINSLOT), without the keys that have been handed on already.

/// One master's part of a round.
struct NodeWalk {
    Client& node;
    /// Whether the key is to be handed on. A node may also hold what is left of slots that it has
    /// given away, and in a later round what earlier ones have walked.
    std::function<bool(std::string_view key)> wants;
    SlotSet slots;  // that these keys are of
};

class ClusterWalk {
public:
    /// Walks the nodes and returns how each walk ended.
    using WalkNodes = std::function<std::vector<WalkOutcome>(const std::vector<NodeWalk>&)>;
    /// Takes keys that were listed slot by slot, to which the server has applied no filter.
    using TakeKeys = std::function<void(std::vector<std::string> keys)>;

    ClusterWalk(Client& cluster, WalkNodes walk_nodes, TakeKeys take_keys);

    /// As if there were no such slots.
    void leave_out(const std::vector<SlotRange>& slots) { m_coverage.leave_out(slots); }

    /// Until every slot has been walked, `stopped()` says that nobody wants more, a signal comes,
    /// or it does not get any further. Not complete, with the slots in the failure, if some are
    /// not certain.
    WalkOutcome run(const std::function<bool()>& stopped);

    /// Called before slots are walked again.
    std::function<void(const std::string& why)> on_again;

private:
    /// What a node was asked for between two moments: certain slots, or all of them.
    struct Seen {
        SlotHoldings before, after;
        std::optional<SlotSet> listed;
    };
    struct Round {
        std::size_t newly_walked = 0;
        bool node_failed = false;
        bool node_lost = false;  // that had answered before
        SlotSet held;            // by the masters that answered
        SlotSet arriving;        // at any of the nodes
        std::vector<Seen> seen;
    };

    Round walk_once();
    Round list_missing();
    void settle(Round& round);
    void list_slots(const ServerNode& node, const std::vector<std::uint16_t>& slots, Round& round);
    void pause();
    [[nodiscard]] std::optional<SlotHoldings> holdings_of(const ServerNode& node, Round& round);
    [[nodiscard]] Error uncertain() const;

    Client& m_cluster;
    WalkNodes m_walk_nodes;
    TakeKeys m_take_keys;
    SeenKeys m_seen;
    SlotSet m_large;  // slots with more keys than a server should list at once
    bool m_may_list = true;
    Coverage m_coverage;
    SlotSet m_moving;  // seen on their way from one node to another
    WalkOutcome m_outcome;
    std::optional<Error> m_node_failure;  // of the latest round
    std::set<const Client*> m_answered;
};

}  // namespace cachectl
