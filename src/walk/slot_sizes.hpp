// How many keys each hash slot of a cluster's node has, so that a key can be drawn by lot where
// every slot has a table of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pace/pace.hpp"
#include "redis/client.hpp"
#include "redis/slot.hpp"
#include "util/error.hpp"

namespace cachectl {

class SlotSizes {
public:
    /// Asks the node for each of these slots (CLUSTER COUNTKEYSINSLOT, of the selected database),
    /// at the pace's leave: some 16 ms of its time for all there are. The others count as empty.
    /// Returns when all is known, refused() is, or a signal has come.
    void read(Client& node, Pace& pace, const SlotSet& slots);

    /// Why the sizes are not known: the server's answer, as an error.
    [[nodiscard]] const std::optional<Error>& refused() const { return m_refused; }
    [[nodiscard]] std::uint64_t keys() const { return m_keys; }
    [[nodiscard]] std::uint64_t keys_of(std::uint16_t slot) const {
        return slot == 0 ? m_up_to[0] : m_up_to[slot] - m_up_to[slot - 1U];
    }

    /// The slot of the key that has `number` others before it, counted slot by slot; `number` is
    /// below keys().
    [[nodiscard]] std::uint16_t slot_of_number(std::uint64_t number) const;

private:
    void take(std::uint16_t slot, const Reply& reply, const Client& node);

    std::vector<std::uint64_t> m_up_to;  // keys of all slots up to and with this one
    std::uint64_t m_keys = 0;
    std::size_t m_answers = 0;
    std::optional<Error> m_refused;
};

}  // namespace cachectl
