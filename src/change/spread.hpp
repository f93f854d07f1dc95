// Keys that are to go, but not all at once: each gets a time to live within a span, so that the
// database behind the cache is not asked for all of them in the same moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "cli/command.hpp"
#include "keyspace/key_facts.hpp"
#include "redis/client.hpp"
#include "walk/key_set.hpp"

namespace cachectl {

/// Draws the times: of two keys whose idle times are known the one that nobody has used for longer
/// goes first. The same key gets about the same time whenever it is asked for.
class SpreadTimes {
public:
    explicit SpreadTimes(std::chrono::milliseconds span) : m_span(span) {}

    /// 1 ms to the span.
    [[nodiscard]] std::chrono::milliseconds of(const KeyFacts& key);

private:
    static constexpr std::size_t k_sample = 1'000;

    void note(std::chrono::seconds idle);

    std::chrono::milliseconds m_span;
    KeyHasher m_hash;
    std::vector<std::chrono::seconds> m_idle;  // a sample of those met, ascending
    std::uint64_t m_met = 0;
    std::minstd_rand m_random{std::random_device{}()};
};

/// Makes of a deletion one that is spread over the time.
void spread(ChangeWork& work, std::chrono::milliseconds span);

/// Throws Error(guard) where a server near its limit evicts the keys that expire soonest: it would
/// evict those first that others need. Waits for the replies.
void check_can_spread(Client& client);

/// --spread.
void add_spread_option(CommandSyntax& syntax, std::optional<std::chrono::milliseconds>& span);

}  // namespace cachectl
