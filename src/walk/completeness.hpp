// The completeness check of a walk in partitions: whether the arithmetic of cursors holds on this
// server. Where it does not, half of the keys or more would be left out without a sign.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/slot.hpp"

namespace cachectl {

/// Compares the keys that partitions of unfiltered pages have brought with what the server counts:
/// DBSIZE, or where partitions are runs of slots, CLUSTER COUNTKEYSINSLOT for some of these.
///
/// Keys that have expired are no keys to SCAN, but the server counts them until it removes them. A
/// master does so when SCAN meets them, unless the filter leaves them out before that; a replica
/// waits for its master. They may be a third of all keys.
class CompletenessCheck {
public:
    enum class Expired { removed_as_met, counted };
    /// For a walk of which `share` (0..1) of the keyspace comes unfiltered.
    static CompletenessCheck by_size(std::uint64_t size_before, double share, Expired expired);
    /// `slots`: of partitions that come unfiltered; a few of them are counted. Asks the server.
    static CompletenessCheck by_slots(Client& client, const SlotSet& slots);

    /// A page of an unfiltered partition.
    void take(const std::vector<std::string>& keys);

    /// Asks again, because keys come and go: what is missing, as a sentence for the user; nothing
    /// if no more is than may be.
    std::optional<std::string> shortfall(Client& client) const;

private:
    double m_share = 0;
    double m_least = 1;  // of what the server counts
    std::uint64_t m_before = 0;
    SlotSet m_slots;  // none: by size
    std::uint64_t m_met = 0;
};

/// DBSIZE; nothing if the server does not tell.
std::optional<std::uint64_t> database_size(Client& client);

}  // namespace cachectl
