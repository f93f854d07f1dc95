// What `warm` says at its end, also after an error or Ctrl-C: what was read, and what became of
// the keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/key_writer.hpp"
#include "load/verifier.hpp"
#include "output/csv.hpp"
#include "output/json.hpp"
#include "output/look.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// What a dataset took from a file, and what became of it.
struct WarmDataset {
    std::string file;
    std::string format;  // "CSV"; empty if it was not read
    std::string table;   // as it was asked for; empty: any
    /// Of these at most one, as it was asked for: "course:{id}".
    std::optional<std::string> key;
    std::optional<std::string> collect;
    std::optional<std::string> group;
    std::uint64_t records = 0;  // read, those rejected included
    std::uint64_t rejected = 0;
    std::uint64_t keys = 0;  // those of gathered rows count for the last file
    WriteCounts counts;      // of these keys; in a dry run `bytes` are those of all of them
};

/// A key of a dry run.
struct WarmSample {
    std::string key;
    std::string type;  // "string", "hash" …
    std::optional<std::chrono::milliseconds> ttl;
    std::uint64_t bytes = 0;
    std::string head;  // how the value begins
};

/// What interrupted runs before this one have done.
struct WarmResumed {
    std::uint64_t records = 0;
    std::uint64_t keys = 0;  // for which the server has answered
    std::uint64_t written = 0;
    std::uint64_t skipped = 0;
};

/// keys = written + skipped + protected + failed + unknown + not attempted, unless it is a dry
/// run, in which nothing is written and `tally.bytes` are those of all keys.
struct WarmSummary {
    std::string target;
    std::size_t masters = 0;  // of the cluster there; 0: it is a single server
    bool dry_run = false;
    std::uint64_t keys = 0;
    WriteTally tally;
    std::vector<WarmDataset> datasets;
    std::vector<WarmSample> sample;
    std::uint64_t estimated_memory = 0;       // of a dry run: what the keys would take, in bytes
    std::optional<std::uint64_t> evicted;     // keys, by the server and whatever they were
    std::optional<VerifyTally> verification;  // if that was asked for
    std::optional<WarmResumed> resumed_from;
    bool complete = false;  // all was read and written, but for rejected rows that are allowed
    std::chrono::milliseconds elapsed{};

    [[nodiscard]] std::uint64_t records() const;
    [[nodiscard]] std::uint64_t rejected() const;
};

/// One object, with the fields that scripts rely on.
void write_summary(const WarmSummary& summary, JsonWriter& json);

/// A row for each dataset.
void write_summary(const WarmSummary& summary, CsvWriter& csv);

/// Sentences, and a table of the datasets if there are several.
void write_summary(const WarmSummary& summary, Writer& out, const Look& look);

}  // namespace cachectl
