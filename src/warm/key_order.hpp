// Two writes of one key can overtake each other where they are not one command each: whether a hash
// is there is asked for before it is sent, a key that is refreshed or updated is looked at first,
// and a string is sent at once, but with others, after which it may have to be sent again by
// itself. The second of the two has to wait for the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "warm/rows/encode.hpp"
#include "warm/rows/if_exists.hpp"

namespace cachectl {

class KeyOrder {
public:
    using Id = std::uint64_t;

    struct Way {
        bool is_string;
        IfExists if_exists;
        bool with_others = false;

        bool operator==(const Way&) const = default;
        /// A later one could get ahead.
        [[nodiscard]] bool may_be_late() const {
            return with_others || if_exists == IfExists::refresh || if_exists == IfExists::update;
        }
    };

    /// The write that has to be over before this key is sent. Of writes that are all of one way and
    /// none of which may be late, none: they reach the server in their order. At the first one of
    /// another way it is the latest of all, because their keys have not been kept.
    [[nodiscard]] std::optional<Id> earlier_than(std::string_view key, const Way& way) {
        if (m_latest && way != m_way && !m_ways_differ) {
            m_ways_differ = true;
            return m_latest;
        }
        const auto found = m_in_flight.find(key);
        return found == m_in_flight.end() ? std::nullopt : std::optional(found->second);
    }

    /// The key has to stay where it is until it is over().
    void sent(std::string_view key, const Way& way, Id id) {
        m_way = way;
        m_latest = id;
        if (m_ways_differ || way.may_be_late()) {
            m_in_flight.insert_or_assign(key, id);
        }
    }

    void over(std::string_view key, Id id) {
        const auto found = m_in_flight.find(key);
        if (found != m_in_flight.end() && found->second == id) {
            m_in_flight.erase(found);
        }
    }

private:
    std::optional<Id> m_latest;
    Way m_way{};  // how m_latest was written
    bool m_ways_differ = false;
    std::unordered_map<std::string_view, Id> m_in_flight;
};

}  // namespace cachectl
