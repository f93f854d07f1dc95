// Which slots of a cluster have certainly been walked. Slots move from node to node while a walk
// is on its way, their keys one by one, and a walk of both nodes can miss what was on its way
// between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redis/reply.hpp"
#include "redis/slot.hpp"

namespace cachectl {

/// What a node says of itself at one moment.
struct SlotHoldings {
    std::string id;
    bool is_master = false;
    std::uint64_t epoch = 0;  // another one if it may have been given a slot
    SlotSet served;
    SlotSet leaving;   // of those: their keys are being moved to another node
    SlotSet arriving;  // not yet served, but some of their keys are here
};

/// The line "myself" of CLUSTER NODES (https://redis.io/docs/latest/commands/cluster-nodes/).
/// Nothing if there is none, or it cannot be read.
std::optional<SlotHoldings> parse_own_slots(const Reply& cluster_nodes);

/// Starts with no slot walked.
class Coverage {
public:
    /// These certainly have been walked. Returns how many of them are new.
    std::size_t add(const SlotSet& slots);

    /// Nobody wants these. Before any is walked.
    void leave_out(const std::vector<SlotRange>& slots);

    [[nodiscard]] bool has(std::uint16_t slot) const { return m_walked[slot]; }
    [[nodiscard]] bool complete() const { return m_walked.all(); }
    [[nodiscard]] const SlotSet& walked() const { return m_walked; }
    /// 0..1, of the slots that are wanted; `more` of them count as walked too.
    [[nodiscard]] double fraction(double more) const;
    [[nodiscard]] std::vector<SlotRange> missing() const;

private:
    SlotSet m_walked;
    std::size_t m_slots_excluded = 0;  // from the fraction
};

/// "0-99", "100", …
std::vector<SlotRange> ranges_of(const SlotSet& slots);

}  // namespace cachectl
