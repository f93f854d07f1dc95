// How many keys a page may have, so that their names stay within a slice (redis/reply_slice).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "redis/reply.hpp"
#include "redis/reply_slice.hpp"

namespace cachectl {

/// Learns from the pages that come how many bytes a COUNT of one brings. Long names make the next
/// page smaller at once; short ones let pages grow tenfold from one to the next.
class PageSize {
public:
    explicit PageSize(const ServerInfo& server)
        : m_slice(static_cast<double>(reply_slice(server))),
          m_bytes_each(std::max(1.0, mean_key_bytes(server).value_or(m_slice / k_first_count))) {}

    /// COUNT at most; at least one.
    [[nodiscard]] unsigned most() const {
        return static_cast<unsigned>(std::clamp(m_slice / m_bytes_each, 1.0, k_most_count));
    }

    /// Pages of COUNT `count` that together stay within a slice; at least one.
    [[nodiscard]] unsigned most_at_once(unsigned count) const {
        const double of_one = std::max(1.0, m_bytes_each * count);
        return static_cast<unsigned>(std::clamp(m_slice / of_one, 1.0, k_most_count));
    }

    /// What a page has brought that was asked for with COUNT `count`.
    void take(unsigned count, const std::vector<Reply>& keys) {
        std::size_t bytes = 0;
        for (const Reply& key : keys) {
            bytes += key.text.size();
        }
        const double each = static_cast<double>(bytes) / std::max(1U, count);
        m_bytes_each = std::max({each, m_bytes_each / k_growth, 1.0});
    }

private:
    static constexpr double k_first_count = 10;  // where the server does not say what keys take
    static constexpr double k_most_count = 1e6;
    static constexpr double k_growth = 10;

    double m_slice;
    double m_bytes_each;
};

}  // namespace cachectl
