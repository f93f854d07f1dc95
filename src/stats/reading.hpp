// What servers say of themselves at one moment, and what changed between two such moments. Nothing
// here prints: the overview, the watch and whoever judges a server draw from the same readings.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "redis/event_loop.hpp"
#include "redis/info.hpp"
#include "stats/server_figures.hpp"
#include "util/error.hpp"

namespace cachectl {

/// One server at one moment.
struct Reading {
    std::string node;              // "10.0.0.5:6379"; empty for a single server
    std::optional<Error> failure;  // why it did not answer, or would not tell
    SteadyTime at{};               // when the INFO came
    ServerInfo server;             // with the INFO of that moment
    InfoFields commands;           // INFO commandstats; empty: not asked for, or not told
    std::optional<std::chrono::microseconds> round_trip;  // of a PING of ours
    /// What we ourselves had sent to it, and been sent by it, before that INFO.
    std::uint64_t own_commands = 0;
    std::uint64_t own_reply_bytes = 0;

    [[nodiscard]] bool answered() const { return !failure; }
};

/// What happened per second between two readings, without what we did ourselves. Nothing where a
/// server does not count it, where its counters were reset in between, or where it was restarted.
struct Rates {
    std::optional<std::chrono::milliseconds> interval;  // nothing: the server's own, of just now
    std::optional<double> commands, input_bytes, output_bytes;
    std::optional<double> hits, misses, evicted, expired, errors, connections;
    std::optional<double> cpu;               // seconds of the main thread's CPU time per second
    std::optional<IntervalLookups> lookups;  // hits and misses as they were counted
};

/// `after` is the later reading of the same server.
Rates rates_between(const Reading& before, const Reading& after);

/// What a server says itself of the last moments, where there is one reading only.
Rates instantaneous_rates(const InfoFields& info);

/// Of several servers at once: sums. What one of them does not tell is not known of all.
Rates total_rates(std::span<const Rates> servers);

/// Of the readings of several servers at two moments, in the same order.
Rates rates_between(std::span<const Reading> before, std::span<const Reading> after);

/// Microseconds and calls of each command between two readings of INFO commandstats; those that
/// were called, and none after a reset.
struct CommandTime {
    std::string command;  // "set", "config|get"
    std::int64_t calls = 0;
    std::int64_t usec = 0;
};
std::vector<CommandTime> command_times_between(const Reading& before, const Reading& after);

}  // namespace cachectl
