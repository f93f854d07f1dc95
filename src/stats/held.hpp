// Who holds the server: commands that took a share of its time worth knowing, with their clients.
// Servers run one command after the other, so that all others wait meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stats/client_list.hpp"
#include "stats/reading.hpp"
#include "stats/slow_log.hpp"

namespace cachectl {

/// Calls of one shape.
struct HeldBy {
    std::string shape;  // "KEYS sess:*"; of what the slow log does not have, the command alone
    std::uint64_t calls = 0;
    std::chrono::microseconds took{0};
    std::chrono::microseconds longest{0};
    double share = 0;  // of the time of the server where it took most, 0 to 1
    bool in_slow_log = true;
    // Of the client that took most of it:
    std::string client;       // its name; empty: it has none
    std::string address;      // empty: not known
    std::size_t clients = 0;  // addresses that called it
    std::string node;         // of a cluster, where it took most
};

/// Of the entries, those that were logged in the `window` before `now`, by the servers' clock.
std::vector<SlowCommand> within(std::span<const SlowCommand> commands, std::chrono::seconds now,
                                std::chrono::seconds window);

/// By shape, the one that took most first. `window`: the time that they were logged in.
std::vector<HeldBy> held_by(std::span<const SlowCommand> commands,
                            std::chrono::microseconds window);

/// Those that the slow log does not have, by command. Those below `least` of the time are left out.
std::vector<HeldBy> held_unlogged(std::span<const CommandTime> times,
                                  std::chrono::microseconds window, double least);

/// Names those that the slow log has only the address of, as far as they are still connected: by
/// their name, or else by their user and library.
void name_clients(std::vector<HeldBy>& held, std::span<const ListedClient> clients);

/// "cron-legacy, 10.0.3.7:38468 and 2 others"; empty if nobody is known. Any bytes.
std::string describe_caller(const HeldBy& held);

/// The clock of a server: INFO's, or `otherwise`, ours.
std::chrono::seconds server_clock(const InfoFields& info, std::chrono::seconds otherwise);

}  // namespace cachectl
