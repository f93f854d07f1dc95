// What `warm` says at its end, also after an error or Ctrl-C: what was read, and what became of
// the keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "change/backup.hpp"
#include "cli/summary_head.hpp"
#include "output/display.hpp"
#include "output/json.hpp"
#include "output/rows.hpp"
#include "output/writer.hpp"
#include "util/exit_code.hpp"
#include "warm/key_writer.hpp"
#include "warm/memory/model.hpp"
#include "warm/release_summary.hpp"
#include "warm/verifier.hpp"

namespace cachectl {

/// What a dataset took from a file, and what became of it.
struct WarmDataset {
    std::uint32_t dataset = 0;  // its place in the plan
    std::uint32_t row = 0;      // this one's place in WarmSummary::datasets
    std::string file;
    std::string format;       // "CSV"; empty if it was not read
    std::string table;        // as it was asked for; empty: any
    bool has_tables = false;  // the file is an SQL dump
    /// Of these at most one, as it was asked for: "course:{id}".
    std::optional<std::string> key;
    std::optional<std::string> collect;
    std::optional<std::string> group;
    std::uint64_t records = 0;  // read, those rejected included
    std::uint64_t rejected = 0;
    bool has_rows = false;               // some were read that --where does not pass over
    std::uint64_t filtered = 0;          // read too, but --where is not true of them
    std::uint64_t duplicates = 0;        // keys that the run had made before, in none of `counts`
    std::uint64_t replaced_records = 0;  // gathered, and then a later one had the same name
    std::uint64_t keys = 0;              // those of gathered rows count for the last file
    WriteCounts counts;  // of these keys; in a dry run `bytes` are those of all of them
};

/// A key of a dry run.
struct WarmSample {
    std::string key;
    std::string type;  // "string", "hash" …
    std::optional<std::chrono::milliseconds> ttl;
    std::uint64_t bytes = 0;
    std::string head;     // how the value begins
    bool is_cut = false;  // it is longer than that
};

/// What interrupted runs before this one have done.
struct WarmResumed {
    std::uint64_t keys = 0;                   // passed over by this run
    std::optional<std::uint64_t> duplicates;  // of these
    /// The figures of those runs; nothing if only the first keys of the input are the same.
    std::optional<std::uint64_t> records;
    std::optional<std::uint64_t> written;
    std::optional<std::uint64_t> skipped;
    std::optional<std::uint64_t> rejected;
};

/// What stopped the run, or made it no success.
struct WarmError {
    ExitCode code = ExitCode::ok;
    std::string id;  // "unreachable", "guard-max-keys"
    std::string message;
    std::string hint;
};

/// What had to fit into the server, in bytes.
struct WarmFit {
    std::uint64_t needed = 0;
    std::uint64_t peak = 0;  // while it is being written
    std::uint64_t free = 0;
    std::string_view layout;  // MemoryModel::name()
};

/// keys = written + skipped + unchanged + duplicates + protected + failed + unknown + not
/// attempted, unless it is a dry run, in which nothing is written and `tally.bytes` are those of
/// all keys.
struct WarmSummary : SummaryHead {
    std::size_t masters = 0;  // of the cluster there; 0: it is a single server
    bool dry_run = false;
    std::uint64_t keys = 0;
    std::uint64_t duplicates = 0;         // keys that the run had made before
    std::uint64_t duplicates_before = 0;  // the same, of keys that are passed over
    bool duplicates_are_known = true;     // or these say nothing
    WriteTally tally;
    std::deque<WarmDataset> datasets;  // a deque, whose elements stay where they are as it grows
    std::vector<WarmSample> sample;
    std::uint64_t estimated_memory = 0;       // of a dry run: what the keys would take, in bytes
    std::optional<std::uint64_t> evicted;     // keys, by the server and whatever they were
    std::optional<VerifyTally> verification;  // if that was asked for
    std::optional<WarmResumed> resumed_from;
    std::optional<SyncSummary> sync;       // if --sync was given
    std::optional<BackupSummary> backup;   // if --backup was
    std::optional<SwitchSummary> pointer;  // if --switch was given
    bool failed_over = false;              // a server took over from its master in mid-run
    bool complete = false;  // all was read and written, but for rejected rows that are allowed
    bool all_read = false;  // nothing is left to be read
    bool interrupted = false;
    bool unavailable = false;    // no server, which is no error: nothing was written
    bool resumable = false;      // by --resume, with the journal
    std::string journal;         // its path; empty: there is none
    std::optional<WarmFit> fit;  // where it was estimated
    std::optional<WarmError> error;
    std::chrono::milliseconds elapsed{};

    [[nodiscard]] std::uint64_t records() const;
    [[nodiscard]] std::uint64_t rejected() const;
    [[nodiscard]] std::uint64_t filtered() const;
    [[nodiscard]] std::uint64_t replaced_records() const;
    /// Keys of which the run has tried to say what became of them: none is a run that has not
    /// begun.
    [[nodiscard]] bool has_begun() const { return keys != 0 || records() != 0 || filtered() != 0; }
};

/// One object, with the fields that scripts rely on.
void write_summary(const WarmSummary& summary, JsonWriter& json);

/// A row for each dataset, as CSV or as a table.
void write_datasets(const WarmSummary& summary, const RowsStyle& style, Writer& out);

/// Sentences, and a table of the datasets if there are several.
void write_summary(const WarmSummary& summary, Writer& out, const Display& display);

}  // namespace cachectl
