// What a command that changes keys says at its end, also after an error or Ctrl-C: how many keys
// were meant, and what became of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "change/backup.hpp"
#include "change/expiry_change.hpp"
#include "change/key_changer.hpp"
#include "change/listing_set.hpp"
#include "cli/summary_head.hpp"
#include "keyspace/neighbours.hpp"
#include "output/display.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

enum class DryRun { no, yes };

/// Which keys were asked for, as they were written on the command line.
struct AskedFor {
    std::vector<std::string> patterns;
    std::vector<std::string> namespaces;
    std::string keys_from;                // a file, or "-"; empty: none
    std::vector<std::string> members_of;  // sets
};

/// matched = changed + unchanged + protected + vanished + failed + unknown + not_attempted, unless
/// it is a dry run, in which nothing is changed.
struct ChangeSummary : SummaryHead {
    std::size_t masters = 0;  // of the cluster there; 0: it is a single server
    AskedFor asked_for;
    std::optional<ExpiryChange> expiry;  // nothing: the keys are deleted
    DryRun dry_run = DryRun::no;
    std::uint64_t matched = 0;
    std::uint64_t unchanged = 0;  // an expiry that is already as it should be
    std::uint64_t protected_keys = 0;
    std::uint64_t repeated = 0;  // named or met again; in none of the other figures
    ChangeTally tally;
    std::uint64_t unreadable = 0;  // some of the failed: what the server said of them is no answer
    /// Keys that have been changed (in a dry run: would be) by namespace, most first.
    std::vector<std::pair<std::string, std::uint64_t>> namespaces;
    std::vector<NeighbourCount> neighbours;  // among those: what looks like other programs' keys
    std::vector<ListingSet> sets;            // that were to go with the keys they list
    std::vector<std::string> sample;         // of a dry run: some of the keys
    bool complete = false;                   // nothing that was asked for is left undone
    bool all_seen = true;                    // the walk, or the list, has come to its end
    std::optional<double> progress;          // else: how far it has come, 0..1, where that is known
    std::optional<BackupSummary> backup;
    std::string plan_file;                     // that was written, or is carried out; empty: none
    std::string apply_command;                 // that carries out one that was written
    std::optional<WallTime> plan_valid_until;  // of one that was written
    bool flushed_whole = false;  // by one command; `matched` is what the server had counted
    std::chrono::milliseconds elapsed{};

    /// Keys that a dry run would change.
    [[nodiscard]] std::uint64_t would_change() const;
    /// Of a deletion that is spread: keys that expire a second, on average, those included that
    /// would have done so anyway.
    [[nodiscard]] std::optional<double> misses_per_s() const;
};

/// The member "neighbours" of an object.
void write_neighbours(const std::vector<NeighbourCount>& neighbours, JsonWriter& json);
/// A line each.
void write_neighbours(const std::vector<NeighbourCount>& neighbours, std::string_view indent,
                      Writer& out);

/// One object, with the fields that scripts rely on.
void write_summary(const ChangeSummary& summary, JsonWriter& json);

enum class SummaryStyle { plain, table };

/// Sentences, and the namespaces below; as a table, they have bars.
void write_summary(const ChangeSummary& summary, SummaryStyle how, Writer& out,
                   const Display& display);

}  // namespace cachectl
