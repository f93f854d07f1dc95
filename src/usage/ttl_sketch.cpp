#include "usage/ttl_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr double k_cells_per_octave = 8;  // each is 9 % wide

std::uint16_t cell_of(milliseconds ttl) {
    const double ms = static_cast<double>(std::max<std::int64_t>(ttl.count(), 1));
    return static_cast<std::uint16_t>(std::log2(ms) * k_cells_per_octave);
}

milliseconds middle_of(std::uint16_t cell) {
    return milliseconds(std::llround(std::exp2((cell + 0.5) / k_cells_per_octave)));
}

}  // namespace

void TtlSketch::add(milliseconds ttl) { add(cell_of(ttl), 1); }

void TtlSketch::add(const TtlSketch& other) {
    for (const auto& [cell, keys] : other.m_cells) {
        add(cell, keys);
    }
}

void TtlSketch::add(std::uint16_t cell, std::uint64_t keys) {
    m_keys += keys;
    const auto place = std::lower_bound(
        m_cells.begin(), m_cells.end(), cell,
        [](const auto& entry, std::uint16_t wanted) { return entry.first < wanted; });
    if (place != m_cells.end() && place->first == cell) {
        place->second += keys;
    } else {
        m_cells.insert(place, {cell, keys});
    }
}

std::optional<milliseconds> TtlSketch::percentile(double share) const {
    if (m_keys == 0) {
        return std::nullopt;
    }
    const double rank = std::max(1.0, std::ceil(share * static_cast<double>(m_keys)));
    double passed = 0;
    for (const auto& [cell, keys] : m_cells) {
        passed += static_cast<double>(keys);
        if (passed >= rank) {
            return middle_of(cell);
        }
    }
    return middle_of(m_cells.back().first);
}

}  // namespace cachectl
