// What a watch has seen so far: one sample a reading, the latest ones.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "stats/reading.hpp"

namespace cachectl {

/// Of one reading, of all servers together. NaN where it is not known.
struct WatchSample {
    double commands, hit_ratio, evicted, expired;  // per second; hits among the look-ups, 0 to 1
    double latency_ms;                             // of the slowest server's answer to our PING
    double replica_lag_s;                          // of the replica that is furthest behind

    static WatchSample of(std::span<const Reading> readings, const Rates& rates);
};

class WatchHistory {
public:
    static constexpr std::size_t k_most = 512;  // more than a terminal has columns

    void add(const WatchSample& sample);
    [[nodiscard]] bool empty() const { return m_samples.empty(); }
    [[nodiscard]] std::size_t size() const { return m_samples.size(); }

    /// The latest `columns` of one figure, the oldest first.
    [[nodiscard]] std::vector<double> latest(double WatchSample::*figure,
                                             std::size_t columns) const;

private:
    std::deque<WatchSample> m_samples;
};

}  // namespace cachectl
