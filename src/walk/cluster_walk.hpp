// A walk over all masters of a cluster that notices when slots, or whole nodes, change under it:
// what was not certainly walked is walked again.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "walk/coverage.hpp"
#include "walk/seen_keys.hpp"
#include "walk/slot_lister.hpp"
#include "walk/slot_watch.hpp"
#include "walk/walker.hpp"

namespace cachectl {

/// First every master is walked with SCAN. Slots that moved meanwhile are listed again, one by one
/// and each at once (CLUSTER GETKEYSINSLOT), without the keys that have been handed on already.

/// One master's part of a round.
struct NodeWalk {
    Client& node;
    /// Whether the key is to be looked at. A node may also hold what is left of slots that it has
    /// given away, and what has been handed on already.
    std::function<bool(std::string_view key)> wants;
    /// The key is about to be handed on: false if another node has had it meanwhile. One whose
    /// facts were lost is not noted, and is wanted again.
    std::function<bool(std::string_view key)> note;
    /// All of the node's keys come again.
    std::function<void()> begins_anew;
    SlotSet slots;  // that these keys are of
};

class ClusterWalk {
public:
    /// Walks the nodes and returns how each walk ended.
    using WalkNodes = std::function<std::vector<WalkOutcome>(const std::vector<NodeWalk>&)>;
    /// Takes keys that were listed slot by slot, to which the server has applied no filter.
    using TakeKeys = std::function<void(std::vector<std::string> keys)>;

    ClusterWalk(Client& cluster, Paces& paces, WalkNodes walk_nodes, TakeKeys take_keys);

    /// As if there were no such slots.
    void leave_out(const std::vector<SlotRange>& slots) { m_coverage.leave_out(slots); }

    /// How far it has come, 0..1, if that many more slots, or parts of slots, are counted as
    /// walked.
    [[nodiscard]] double fraction(double slots_on_their_way) const {
        return m_coverage.fraction(slots_on_their_way);
    }

    /// Until every slot has been walked, `stopped()` says that nobody wants more, a signal comes,
    /// or it does not get any further. Not complete, with the slots in the failure, if some are
    /// not certain.
    WalkOutcome run(const std::function<bool()>& stopped);

    /// Called before slots are walked again.
    std::function<void(const std::string& why)> on_again;

private:
    struct Round {
        std::size_t newly_walked = 0;
        bool node_lost = false;  // that had answered before
        SlotSet held;            // by the masters that answered
    };

    enum class Walked { all, late };  // masters

    void begin_pass();
    void walk_once(Round& round, Walked which);
    [[nodiscard]] bool some_late_one_is_there() const;
    void wait_for_late_one();
    bool wait_for_next_round(const Round& round);
    void list_missing(Round& round);
    void take_news(const SlotWatch& watch, Round& round);
    void hand_on(std::vector<std::string> keys, const SlotSet& here);
    [[nodiscard]] Error uncertain() const;

    Client& m_cluster;
    Paces& m_paces;
    WalkNodes m_walk_nodes;
    TakeKeys m_take_keys;
    SeenKeys m_seen;
    SlotLister m_lister;
    Coverage m_coverage;
    SlotSet m_moving;  // seen on their way from one node to another
    WalkOutcome m_outcome;
    std::optional<Error> m_node_failure;  // of the latest round
    std::set<const Client*> m_answered;
    // Masters that were still being connected to when the others were walked: those that have not
    // been walked since, and all. Each is waited for once.
    std::set<const Client*> m_late, m_were_late;
};

}  // namespace cachectl
