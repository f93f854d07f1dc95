// What du says, in each of its forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "output/format.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "usage/usage.hpp"

namespace cachectl {

/// A key of which more is known than its size.
struct DescribedKey {
    LargeKey key;
    std::string type;                       // empty: not known
    std::optional<std::uint64_t> elements;  // in a collection; bytes in a string
};

struct UsageReport {
    const Usage& usage;
    std::string server;  // "cache.internal:6379 db 0"
    std::string by;      // "namespace", "type" …
    unsigned depth = 1;  // segments of a row
    bool drills = true;  // people also see what stands out below
    bool complete = true;
    bool of_all = true;  // no key of the database is left out by a pattern or a filter
    std::chrono::milliseconds elapsed{0};
    std::chrono::milliseconds exact_takes{0};  // about, at normal pace
    std::vector<DescribedKey> largest = {};
    // What the servers say, all together; nothing where they do not.
    std::optional<std::uint64_t> used_bytes = {};
    std::optional<std::uint64_t> max_bytes = {};      // 0: no limit
    std::optional<std::uint64_t> dataset_bytes = {};  // of all databases
    std::optional<std::uint64_t> keys_bytes = {};     // with the tables that they are in
    std::string command = "cachectl";                 // that reaches the same database
};

/// {total:{keys, bytes, persistent}, by, depth, sampled, sample_keys, namespaces:[{namespace,
/// example, keys, bytes, persistent, share}], largest:[{key, bytes, type, elements, ttl_ms}],
/// server:{used_bytes, max_bytes, dataset_bytes}, complete}; of a sample also keys_low, keys_high,
/// bytes_low, bytes_high. The members of an object that has been begun.
void write_usage_json(JsonWriter& json, const UsageReport& report);

/// bytes, keys, name in each line; or CSV.
void write_usage_rows(Writer& out, const UsageReport& report, Format format);

/// cachectl_du_bytes{namespace=…} and its like, of the largest `k_most_labels` namespaces.
void write_usage_prometheus(Writer& out, const UsageReport& report);

/// "user;<n>;cart 4096" a line: stacks as flame graph tools read them.
void write_usage_folded(Writer& out, const UsageReport& report);

/// The JSON that `ncdu -f FILE` reads (https://dev.yorhel.nl/ncdu/jsonfmt), version 1.1.
void write_usage_ncdu(Writer& out, const UsageReport& report, std::int64_t unix_time);

/// For people.
void write_usage_table(Writer& out, const Display& display, const UsageReport& report);

}  // namespace cachectl
