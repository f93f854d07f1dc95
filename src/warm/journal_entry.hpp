// What the journal of a warm run says, and its text: one JSON object in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/slot.hpp"
#include "warm/key_ranges.hpp"

namespace cachectl {

/// Consecutive keys and rejected rows of a run, in their order.
struct JournalBlock {
    static constexpr std::uint64_t k_most_events = 8'192;
    static constexpr std::size_t k_most_bytes = std::size_t{4} << 20;  // but for a single event

    std::uint64_t events = 0;  // keys and rejected rows
    std::uint64_t digest = 0;  // ContentDigest of them

    friend bool operator==(const JournalBlock&, const JournalBlock&) = default;
};

struct JournalEntry {
    std::string identity;  // run_hash() of the run
    std::string target;
    std::vector<std::string> servers;  // ServerProcesses::identities() of the masters
    bool rewrites = false;             // a row may have overwritten what an earlier one had written
    std::vector<JournalBlock> blocks;  // all that the run has made of its input so far
    KeyRanges keys;                    // that are done (is_done), or were left out
    std::vector<SlotRange> skipped_slots;  // slots of a cluster whose keys were not written
    // Of all runs so far.
    std::uint64_t records = 0;
    std::uint64_t written = 0;
    std::uint64_t skipped = 0;
    std::uint64_t rejected = 0;
};

/// Of more ranges of keys than this the last ones are not kept: these keys are sent again.
constexpr std::size_t k_most_journal_ranges = 10'000;

/// With a line break at its end.
std::string to_text(const JournalEntry& entry);
/// Nothing if the text is cut, damaged, of another version or contradicts itself.
std::optional<JournalEntry> parse_journal(std::string_view text);
/// Whether the text begins as every journal does, be it of another version or cut.
bool begins_as_journal(std::string_view text);

}  // namespace cachectl
