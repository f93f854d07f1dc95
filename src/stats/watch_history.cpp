#include "stats/watch_history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cachectl {

namespace {

constexpr double k_unknown = std::numeric_limits<double>::quiet_NaN();

/// fmax() takes the one that is a number.
double replica_lag(const InfoFields& info) {
    double lag = info.number("master_last_io_seconds_ago").value_or(k_unknown);
    for (const InfoParts& replica : info.replicas()) {
        lag = std::fmax(lag, replica.number("lag").value_or(k_unknown));
    }
    return lag;
}

}  // namespace

WatchSample WatchSample::of(std::span<const Reading> readings, const Rates& rates) {
    WatchSample sample{
        rates.commands.value_or(k_unknown), k_unknown, rates.evicted.value_or(k_unknown),
        rates.expired.value_or(k_unknown),  k_unknown, k_unknown};
    if (rates.lookups && rates.lookups->hits + rates.lookups->misses > 0) {
        sample.hit_ratio = static_cast<double>(rates.lookups->hits) /
                           static_cast<double>(rates.lookups->hits + rates.lookups->misses);
    }
    for (const Reading& reading : readings) {
        if (!reading.answered()) {
            continue;
        }
        if (reading.round_trip) {
            sample.latency_ms = std::fmax(sample.latency_ms,
                                          static_cast<double>(reading.round_trip->count()) / 1'000);
        }
        sample.replica_lag_s = std::fmax(sample.replica_lag_s, replica_lag(reading.server.info));
    }
    return sample;
}

void WatchHistory::add(const WatchSample& sample) {
    m_samples.push_back(sample);
    if (m_samples.size() > k_most) {
        m_samples.pop_front();
    }
}

std::vector<double> WatchHistory::latest(double WatchSample::*figure, std::size_t columns) const {
    const std::size_t count = std::min(columns, m_samples.size());
    std::vector<double> values;
    for (std::size_t i = m_samples.size() - count; i < m_samples.size(); ++i) {
        values.push_back(m_samples[i].*figure);
    }
    return values;
}

}  // namespace cachectl
