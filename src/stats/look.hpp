// One look at all servers: a reading of each, what changed within an interval, and what INFO tells
// besides.
#pragma once

#include <chrono>
#include <vector>

#include "redis/client.hpp"
#include "stats/reader.hpp"
#include "stats/reading.hpp"
#include "stats/sections.hpp"

namespace cachectl {

struct Look {
    std::vector<Reading> readings;      // empty: a signal has come
    Rates rates;                        // within the interval; without one, the servers' own
    std::vector<InfoFields> latencies;  // INFO latencystats, of those that have it
};

/// Waits for the interval if the overview is wanted. Without one, the INFO of the logins is taken,
/// which are from just now.
Look take_look(Client& client, Reader& reader, const Sections& sections,
               std::chrono::milliseconds interval, Lacking& lacking);

}  // namespace cachectl
