// How long keys have left to live, in a few numbers: percentiles within 5 %.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cachectl {

class TtlSketch {
public:
    void add(std::chrono::milliseconds ttl);
    void add(const TtlSketch& other);

    [[nodiscard]] std::uint64_t keys() const { return m_keys; }
    /// The TTL that `share` (0..1) of the keys do not exceed, by nearest rank; absent without keys.
    [[nodiscard]] std::optional<std::chrono::milliseconds> percentile(double share) const;

private:
    void add(std::uint16_t cell, std::uint64_t keys);

    std::uint64_t m_keys = 0;
    std::vector<std::pair<std::uint16_t, std::uint64_t>> m_cells;  // sorted; those with keys
};

}  // namespace cachectl
