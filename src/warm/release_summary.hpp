// What became of --sync and --switch, for the summary of a warm run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keyspace/neighbours.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// matched = kept + protected + vanished + failed + unknown + not attempted + deleted, or
/// would_delete in a dry run.
struct SyncSummary {
    std::vector<std::string> patterns;  // the names of --set are filled in
    std::uint64_t matched = 0;
    std::uint64_t kept = 0;  // made by the run, the pointer, or just being built by another run
    std::uint64_t deleted = 0;
    std::uint64_t would_delete = 0;
    std::uint64_t protected_keys = 0;
    std::uint64_t vanished = 0;
    std::uint64_t failed = 0;
    std::uint64_t unknown = 0;
    std::uint64_t not_attempted = 0;
    std::vector<std::pair<std::string, std::uint64_t>> namespaces;  // of the deleted, most first
    std::vector<NeighbourCount> neighbours;  // among those: what looks like other programs' keys
    std::vector<std::string> sample;         // of a dry run
    bool complete = false;
    std::string reason;  // why nothing was deleted, or not all
};

struct SwitchSummary {
    std::string key;
    std::optional<std::string> from;  // nothing: it was not there, or was not looked at
    std::string to;
    bool ready = false;  // nothing stands against it
    bool done = false;
};

/// Members of the summary's object: "sync"; "switched", and in a dry run "would_switch".
void write_sync(const SyncSummary& sync, bool dry_run, JsonWriter& json);
void write_switch(const SwitchSummary& pointer, bool dry_run, JsonWriter& json);

/// Lines below the headline.
void write_sync(const SyncSummary& sync, bool dry_run, Writer& out);
void write_switch(const SwitchSummary& pointer, bool dry_run, Writer& out);

}  // namespace cachectl
