// A server's figures, out of INFO (https://redis.io/docs/latest/commands/info/), under names that
// say their units. What a server does not tell has no value.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "redis/info.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// {name, version, mode, role, uptime_s}
FigureGroup server_figures(const ServerInfo& server);

enum class MemoryDetail { overview, all };
/// {used_bytes, peak_bytes, rss_bytes, max_bytes, policy, fragmentation_ratio, dataset_bytes}, and
/// with all, what the memory that is not data is used for.
FigureGroup memory_figures(const InfoFields& info, MemoryDetail detail);

/// [{db, keys, expires, avg_ttl_ms}] of the databases that hold keys; also subexpiry, where the
/// server counts keys with fields that expire.
FigureGroup keyspace_figures(const InfoFields& info);

/// {hits, misses, hit_ratio, total_requests, expired_keys, evicted_keys, errors}: requests are the
/// hits and misses; without any there is no ratio.
FigureGroup cache_figures(const InfoFields& info);

/// Look-ups of keys within a while.
struct IntervalLookups {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    std::chrono::milliseconds interval{0};
};

/// Adds {interval_ms, interval_requests, interval_hit_ratio} to cache_figures().
void add_interval(FigureGroup& cache, const IntervalLookups& lookups);

/// Adds {inspection_requests}: those of the look-ups that were TYPE, PTTL or OBJECT, which count as
/// hits and misses too. Applications hardly send them; tools that look at many keys do, ours as
/// well.
void add_inspection(FigureGroup& cache, const InfoFields& command_stats);

/// How many these are.
std::int64_t inspection_requests(const InfoFields& command_stats);

/// {connected, blocked, max, …}
FigureGroup client_figures(const InfoFields& info);

/// {role, connected_replicas, offset, replicas:[{address, state, lag_s, offset}],
/// master:{address, link, last_io_s, …}}
FigureGroup replication_figures(const ServerInfo& server);

/// [{name, calls, usec_total, usec_per_call, failed, rejected, p99_usec}], those that took the most
/// time first. From `INFO commandstats` and `INFO latencystats`, which servers before 7.0 lack.
FigureGroup command_figures(const InfoFields& command_stats, const InfoFields& latency_stats);

}  // namespace cachectl
