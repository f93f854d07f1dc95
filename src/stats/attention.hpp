// What of a server's figures needs somebody's attention, in one sentence each, with the section of
// stats that tells more.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stats/held.hpp"
#include "stats/reading.hpp"

namespace cachectl {

struct Attention {
    enum class Level { look, act };

    Level level;
    std::string sentence;  // any bytes; without a full stop
    std::string section;   // of stats: "slow"; empty: there is no more to see
};

/// Whether each call of the command, "smembers", may hold the server for as long as there is data.
bool holds_server(std::string_view command);

/// A command that has held the server for a share of the last minute is worth a table.
constexpr double k_worth_showing = 0.10;

/// Those to act on first. Of a cluster each node is judged by itself, and named; `rates` and
/// `commands`, INFO commandstats since the start, are of all, `held` is of the last minute.
std::vector<Attention> needs_attention(std::span<const Reading> servers, const Rates& rates,
                                       const InfoFields& commands, std::span<const HeldBy> held);

}  // namespace cachectl
