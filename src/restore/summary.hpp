// What a restoration did: the sum that people read, and the same as JSON.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/summary_head.hpp"
#include "output/display.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "restore/key_restorer.hpp"

namespace cachectl {

struct RestoreSummary {
    SummaryHead head;
    std::size_t masters = 0;  // of a cluster
    std::string file;
    bool file_whole = true;
    std::uint64_t file_bytes_unused = 0;  // behind what can be used of a file that is not whole
    int rdb_version_file = 0;
    std::optional<int> rdb_version_server;  // as far as it is known
    bool likely_refused = false;            // the values, as the server's version is another
    bool dry_run = false;
    std::uint64_t matched = 0;         // of the database, and chosen by the patterns
    std::uint64_t bytes = 0;           // of these, about as a server takes for them
    std::uint64_t evicted = 0;         // by the server meanwhile, whatever they were
    std::uint64_t other_database = 0;  // chosen too, but of another one; left out
    RestoreTally tally;
    std::optional<int> other_version;  // that payloads were given
    bool complete = false;
    std::chrono::milliseconds elapsed{0};
};

void write_summary(const RestoreSummary& summary, Writer& out, const Display& display);
void write_summary(const RestoreSummary& summary, JsonWriter& json);

}  // namespace cachectl
