// du's table kept in a file of a few KiB, to be compared with a later one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/json.hpp"
#include "usage/collect.hpp"
#include "usage/snapshot_choice.hpp"
#include "util/time.hpp"

namespace cachectl {

/// A figure with its limits, which are equal where every key was looked at.
struct Measured {
    std::int64_t value = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;
};

struct SnapshotRow {
    std::string name;     // "user:<n>", any bytes
    std::string example;  // "user:42"
    Measured keys;
    std::optional<Measured> bytes;  // nothing: not told
    std::int64_t persistent = 0;
    // Of those keys that expire, the times they have left.
    std::optional<std::int64_t> ttl_p50_ms, ttl_p90_ms, ttl_p99_ms;
};

struct Snapshot {
    WallTime at{};
    std::string server;  // "cache.internal:6379 db 0"
    std::string target;  // the database's address, by which two snapshots are held to be of one
    std::string delimiter;
    unsigned depth = 0;                   // segments of the rows' names
    std::vector<std::string> namespaces;  // that were asked for; none: all keys
    KeyOptions chosen;                    // of these: see usage/snapshot_choice
    bool sampled = false;
    std::uint64_t sample_keys = 0;
    bool complete = true;
    SnapshotRow total;
    std::vector<SnapshotRow> rows;  // largest first, at most k_most_rows
    std::optional<SnapshotRow> rest;
    std::optional<std::uint64_t> used_bytes;

    static constexpr std::size_t k_most_rows = 200;
};

Snapshot make_snapshot(const Context& ctx, const UsageChoice& choice,
                       const CollectedUsage& collected, unsigned depth);

/// As a file has it: an object of JSON, {"cachectl_snapshot": "1", …}.
std::string to_text(const Snapshot& snapshot);
/// Error(bad_input) with `file` and the line for what is none, or of a newer form.
Snapshot parse_snapshot(std::string_view text, const std::string& file);

/// Error(bad_input) where it cannot be read.
Snapshot read_snapshot(const std::string& path);
/// Replaces another snapshot, but never a file that is none: Error(local_io).
void save_snapshot(const Snapshot& snapshot, const std::string& path);

}  // namespace cachectl
