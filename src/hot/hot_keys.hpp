// The keys that are used most, by the best means that the server has.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "keyspace/key_facts.hpp"
#include "keyspace/key_selector.hpp"
#include "redis/client.hpp"

namespace cachectl {

enum class HotMethod {
    hotkeys,     // HOTKEYS (Redis 8.6): the server's own time by key
    slot_stats,  // CLUSTER SLOT-STATS: its time by slot, and idle times within the slots
    frequency,   // OBJECT FREQ, where the eviction policy is LFU
    idle,        // OBJECT IDLETIME, looked at again and again
    monitor,     // MONITOR, only when it is asked for
};

/// "hotkeys", "slot-stats", "freq", "idle", "monitor"
std::string_view name_of(HotMethod method);
std::optional<HotMethod> hot_method_of(std::string_view name);

struct HotKey {
    std::string key;
    double score = 0;
    KeyFacts facts = {};  // type, TTL and size, where they could be read
    std::string node = {};
    bool knows_ttl = false;  // it was told; facts.ttl says then whether the key expires
};

struct HotKeys {
    HotMethod method = HotMethod::idle;
    std::string unit;  // what a score counts: "uses_per_s", "share_of_looks" …
    std::chrono::milliseconds interval{0};
    std::vector<HotKey> keys;        // hottest first
    std::vector<std::string> notes;  // what the reader has to know of how they were found
    std::optional<Error> failure;    // what was found is not all
};

struct HotQuestion {
    KeyFilter filter;
    std::size_t count = 10;
    std::chrono::milliseconds interval{10'000};
    PaceFlags pace;
};

// Each gives nothing, with the reason in `why_not`, where the server does not have the means, or
// somebody else is using it.

std::optional<HotKeys> hot_by_hotkeys(Client& client, const HotQuestion& question,
                                      std::string& why_not);
/// Candidates: up to 10,000 keys of the slots that took the most time.
std::optional<HotKeys> hot_by_slot_stats(Client& client, Paces& paces, const HotQuestion& question,
                                         std::string& why_not);
std::optional<HotKeys> hot_by_frequency(Context& ctx, Client& client, Paces& paces,
                                        const HotQuestion& question, std::string& why_not);
/// Candidates: up to 10,000 keys that were used within the last second when the walk met them.
std::optional<HotKeys> hot_by_idle(Context& ctx, Client& client, Paces& paces,
                                   const HotQuestion& question, std::string& why_not);
/// Throws Error(refused) where MONITOR is refused.
HotKeys hot_by_monitor(Context& ctx, const HotQuestion& question);

/// Of these keys, in how many of the looks, one a second for `question.interval`, they had just
/// been used: 0..1. Keys whose idle time means nothing (shared numbers) are left out, with a note.
HotKeys watch_idle_times(Client& client, Paces& paces, const HotQuestion& question,
                         std::vector<std::string> candidates);

/// Type, size, TTL and node of each key, with a note of what is not known, and why.
void describe(Client& client, HotKeys& found);

/// Why what a walk has looked at is not all; nothing if it is.
std::optional<Error> missing_from(const SelectionOutcome& outcome);

/// The hottest `count` of the keys, of those that the filter is about.
void keep_hottest(std::vector<HotKey>& keys, const HotQuestion& question);

}  // namespace cachectl
