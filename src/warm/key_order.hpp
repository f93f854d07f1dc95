// Keys that are written in different ways, of several datasets or because some are protected, can
// overtake each other: whether a hash is there is asked for before it is sent, and a string is sent
// at once. The second of two that are the same has to wait for the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "walk/key_set.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

class KeyOrder {
public:
    /// Whether all that has been sent has to be answered before this key is sent, which is then
    /// taken for sent.
    [[nodiscard]] bool must_wait(std::string_view key, EncodeAs as, IfExists if_exists) {
        const Way way{as == EncodeAs::json || as == EncodeAs::string, if_exists};
        const bool is_first_other = !m_ways_differ && m_way && *m_way != way;
        m_way = way;
        if (is_first_other) {
            m_ways_differ = true;
        }
        if (!m_ways_differ) {
            return false;
        }
        const std::uint64_t hash = m_hash(key).low;
        const bool waits = is_first_other || m_sent.size() == k_most || m_sent.contains(hash);
        if (waits) {
            m_sent.clear();
        }
        m_sent.insert(hash);
        return waits;
    }

private:
    static constexpr std::size_t k_most = 16 * 1024;

    struct Way {
        bool is_string;
        IfExists if_exists;
        bool operator==(const Way&) const = default;
    };

    KeyHasher m_hash;
    std::optional<Way> m_way;  // how the key before was written
    bool m_ways_differ = false;
    std::unordered_set<std::uint64_t> m_sent;  // since all was answered, if the ways differ
};

}  // namespace cachectl
