// What becomes of a cluster's slots while their keys are being walked: which of them stay with
// their master, untouched, all the while.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "redis/client.hpp"
#include "util/lifetime.hpp"
#include "walk/coverage.hpp"

namespace cachectl {

/// How often a server has done what moves keys, by its INFO commandstats.
struct KeyTransfers {
    std::uint64_t sent = 0;      // MIGRATE
    std::uint64_t received = 0;  // RESTORE-ASKING, which is what MIGRATE sends to a cluster's node
    std::uint64_t slots = 0;     // CLUSTER SYNCSLOTS, by which servers move slots as a whole
    std::uint64_t commands = 0;  // of all kinds: fewer than before if it has begun to count anew
};

/// Nothing if it does not tell.
std::optional<KeyTransfers> parse_transfers(const Reply& commandstats);

/// Whether a key may have left the server and come back to it between the two.
bool may_have_come_back(const KeyTransfers& before, const KeyTransfers& after);

/// A walk misses a key only if it is away when its turn comes and back in the end. A key is away
/// from the master of its slot only at a node that is taking the slot in, and it comes and goes as
/// the servers count. So first all nodes are asked what they have counted, and when they have
/// answered, which slots they serve; in the end the other way round; and a key that was away in
/// between either was so at one of the two looks at the node that had it, or has both left and come
/// back as its master counts. Looks in between are for servers that do not tell what they count,
/// and for slots that go and come back as a whole. Slots that servers move by themselves (CLUSTER
/// MIGRATESLOTS) are shown as the old master's until all of their keys are at the new one, which
/// hides them until then; it takes a new epoch when it takes the slots over.
class SlotWatch {
public:
    struct Node {
        ServerNode server;
        std::optional<SlotHoldings>
            first;  // nothing: it did not answer, and had better not be walked
        std::optional<Reply> failed_reply;  // to the latest question, if there was no answer
        SlotSet here;                       // that it now serves, or takes in
        SlotSet kept;                       // served all the while, by a master, and not leaving
        bool same_epoch = true;
        std::optional<KeyTransfers> before, after;
    };

    /// Looks at all masters.
    explicit SlotWatch(Client& cluster);
    SlotWatch(const SlotWatch&) = delete;
    SlotWatch& operator=(const SlotWatch&) = delete;

    /// From now on until end(), looks at them now and then, from within run_until().
    void keep_looking();
    /// Looks at them for the last time, and at those that have joined them.
    void end();

    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }

    /// How the node's keys were asked for between the first look and the last.
    enum class Way {
        page_by_page,
        slot_by_slot,  // all keys of a slot at once
    };
    /// Those of the node's slots whose keys it had all the while, after end().
    [[nodiscard]] SlotSet steady(const Node& node, Way way) const;

    /// Slots of which it was seen that they, or some of their keys, move.
    [[nodiscard]] const SlotSet& moving() const { return m_moving; }
    /// Those that the masters which answered serve, or take in.
    [[nodiscard]] const SlotSet& held() const { return m_held; }

private:
    void ask(std::size_t node);
    void look();
    void count(std::optional<KeyTransfers> Node::*when);
    void take(Node& node, const Reply& reply);

    Client& m_cluster;
    std::vector<Node> m_nodes;
    SlotSet m_arriving, m_moving, m_held;
    std::size_t m_waiting = 0;  // answers still to come
    bool m_ended = false;
    Lifetime m_lifetime;
};

}  // namespace cachectl
