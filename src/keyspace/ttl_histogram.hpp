// How long keys have left to live, summed up in bounded memory: counts by bucket, exact extremes,
// and percentiles that are at most 1 % off.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "keyspace/sum.hpp"

namespace cachectl {

struct TtlBucket {
    std::optional<std::chrono::milliseconds> le;  // upper bound, included; absent: no bound
    std::uint64_t keys = 0;                       // in this bucket alone, not summed up
};

class TtlHistogram final : public Sum {
public:
    TtlHistogram();

    void add(const KeyFacts& key) override;
    void reset() override { *this = TtlHistogram(); }
    /// A key that expires in `ttl`; less than nothing counts as 0.
    void add(std::chrono::milliseconds ttl);
    /// A key that never expires.
    void add_persistent() { ++m_persistent; }

    [[nodiscard]] std::uint64_t keys() const { return m_persistent + m_expiring; }
    [[nodiscard]] std::uint64_t persistent() const { return m_persistent; }
    [[nodiscard]] std::uint64_t expiring() const { return m_expiring; }

    /// Exact; absent if no key expires.
    [[nodiscard]] std::optional<std::chrono::milliseconds> min() const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> max() const;

    /// The TTL that `share` (0..1) of the expiring keys do not exceed, by nearest rank, at most
    /// 1 % off; absent if no key expires.
    [[nodiscard]] std::optional<std::chrono::milliseconds> percentile(double share) const;

    /// Always the same bounds: 1m, 5m, 15m, 1h, 6h, 1d, 7d, 30d, and above; also those without
    /// keys.
    [[nodiscard]] const std::vector<TtlBucket>& buckets() const { return m_buckets; }

private:
    std::uint64_t m_persistent = 0;
    std::uint64_t m_expiring = 0;
    std::chrono::milliseconds m_min{0};
    std::chrono::milliseconds m_max{0};
    std::vector<TtlBucket> m_buckets;
    std::vector<std::uint64_t> m_cells;  // as far as needed; 58 KiB at the very most
};

}  // namespace cachectl
