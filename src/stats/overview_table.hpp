// The overview for people: is it full, is it hit, who works it, what needs attention.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "stats/attention.hpp"
#include "stats/held.hpp"
#include "stats/reading.hpp"
#include "stats/server_title.hpp"

namespace cachectl {

struct Overview {
    ServerInfo server;                 // of a cluster: the totals
    Rates rates;                       // of the interval, or just now
    InfoFields commands;               // INFO commandstats since the start
    std::vector<HeldBy> held;          // within the last minute; by the slow log
    std::string unknown;               // why it is not known who held the server; empty: it is
    std::span<const Reading> servers;  // each by itself
};

/// As lines of at most view_columns().
std::vector<std::string> overview_lines(const ServerTitle& title, const Overview& overview,
                                        const Display& display);

/// "memory     255.8 MiB of 255.8 MiB   ███████ full  allkeys-lru" with a bar of what there is
/// room for.
std::string memory_line(const InfoFields& info, const Display& display, std::size_t columns);

}  // namespace cachectl
