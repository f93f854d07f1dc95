// The first keys of an order, out of however many: no more than these are ever held.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keyspace/sum.hpp"

namespace cachectl {

enum class SortOrder {
    size,  // most memory first
    ttl,   // soonest to expire first; those that never do last
    idle,  // longest unused first
    name,  // by its bytes
};

/// "size", "ttl", "idle" or "name".
std::optional<SortOrder> sort_order_of(std::string_view word);
/// What has to be known of a key to find its place.
FactsWanted facts_for(SortOrder order);

class TopKeys final : public Sum {
public:
    TopKeys(SortOrder order, std::size_t most) : m_order(order), m_most(most) {}

    /// A key that comes again takes the place that it has now.
    void add(const KeyFacts& key) override;
    void reset() override;

    /// In their order; of equals the name decides. Hands them over.
    [[nodiscard]] std::vector<KeyFacts> take();
    [[nodiscard]] std::uint64_t seen() const { return m_seen; }
    /// Keys of which is not known what they are ordered by, so that they come last.
    [[nodiscard]] std::uint64_t unknown() const { return m_unknown; }

private:
    struct Place {
        bool is_known = true;
        std::int64_t rank = 0;  // smallest first
        std::string key;

        bool operator<(const Place& other) const;
    };
    [[nodiscard]] Place place_of(const KeyFacts& key) const;

    SortOrder m_order;
    std::size_t m_most;
    std::uint64_t m_seen = 0;
    std::uint64_t m_unknown = 0;
    std::set<Place> m_places;
    std::unordered_map<std::string, KeyFacts> m_held;
};

}  // namespace cachectl
