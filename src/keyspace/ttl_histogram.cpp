#include "keyspace/ttl_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Cells are log-linear: values below 256 have a cell each; of larger ones the leading 8 bits
// count, so that a cell is at most 1/128 as wide as the values in it, and its middle at most
// 0.4 % away from any of them.
constexpr unsigned k_leading_bits = 8;
constexpr std::uint64_t k_half = 1U << (k_leading_bits - 1);

std::size_t cell_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > k_leading_bits ? width - k_leading_bits : 0;
    return static_cast<std::size_t>(shift * k_half + (value >> shift));
}

/// The middle of the values of a cell.
std::uint64_t value_of(std::size_t cell) {
    if (cell < 2 * k_half) {
        return cell;
    }
    const std::uint64_t shift = cell / k_half - 1;
    const std::uint64_t leading = cell - shift * k_half;
    return (leading << shift) + (std::uint64_t{1} << shift) / 2;
}

}  // namespace

TtlHistogram::TtlHistogram() {
    for (const milliseconds bound :
         {milliseconds(1min), milliseconds(5min), milliseconds(15min), milliseconds(1h),
          milliseconds(6h), milliseconds(24h), milliseconds(7 * 24h), milliseconds(30 * 24h)}) {
        m_buckets.push_back({bound, 0});
    }
    m_buckets.push_back({std::nullopt, 0});
}

void TtlHistogram::add(const KeyFacts& key) { key.ttl ? add(*key.ttl) : add_persistent(); }

void TtlHistogram::add(milliseconds ttl) {
    ttl = std::max(ttl, milliseconds(0));
    m_min = m_expiring == 0 ? ttl : std::min(m_min, ttl);
    m_max = std::max(m_max, ttl);
    ++m_expiring;
    const auto bucket = std::find_if(m_buckets.begin(), m_buckets.end(),
                                     [&](const TtlBucket& b) { return !b.le || ttl <= *b.le; });
    ++bucket->keys;
    const std::size_t cell = cell_of(static_cast<std::uint64_t>(ttl.count()));
    if (cell >= m_cells.size()) {
        m_cells.resize(cell + 1);
    }
    ++m_cells[cell];
}

std::optional<milliseconds> TtlHistogram::min() const {
    return m_expiring == 0 ? std::nullopt : std::optional(m_min);
}

std::optional<milliseconds> TtlHistogram::max() const {
    return m_expiring == 0 ? std::nullopt : std::optional(m_max);
}

std::optional<milliseconds> TtlHistogram::percentile(double share) const {
    if (m_expiring == 0) {
        return std::nullopt;
    }
    const double exact_rank = std::ceil(share * static_cast<double>(m_expiring));
    const auto rank = std::clamp<std::uint64_t>(
        static_cast<std::uint64_t>(std::max(exact_rank, 1.0)), 1, m_expiring);
    std::uint64_t seen = 0;
    for (std::size_t cell = 0; cell < m_cells.size(); ++cell) {
        seen += m_cells[cell];
        if (seen >= rank) {
            return std::clamp(milliseconds(static_cast<milliseconds::rep>(value_of(cell))), m_min,
                              m_max);
        }
    }
    return m_max;
}

}  // namespace cachectl
