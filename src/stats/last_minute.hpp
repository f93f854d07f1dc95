// What has held the servers within the last minute, as it goes: out of the slow log and of INFO
// commandstats, both of which are read again and again.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "stats/held.hpp"
#include "stats/reading.hpp"
#include "stats/slow_log.hpp"

namespace cachectl {

class LastMinute {
public:
    static constexpr std::chrono::seconds k_window{60};

    /// What was read at `at`, by our clock; `before` is empty the first time. `otherwise` is the
    /// wall clock, for servers that do not tell theirs.
    void add(std::span<const Reading> before, std::span<const Reading> after,
             std::vector<SlowCommand> slow, std::chrono::seconds otherwise);

    /// Those that took most first; what the slow log does not have only from 1 % on.
    [[nodiscard]] std::vector<HeldBy> held() const;

private:
    struct Second {
        SteadyTime begin;
        /// By command, without what the slow log has of it. Below zero where a command was logged
        /// a moment before it was counted.
        std::map<std::string, CommandTime> times;
    };

    void add_times(std::span<const Reading> before, std::span<const Reading> after);
    void subtract(const SlowCommand& slow);
    [[nodiscard]] std::vector<CommandTime> total_times() const;

    std::deque<SlowCommand> m_slow;  // the newest last
    std::deque<Second> m_seconds;
    SteadyTime m_began{}, m_now{};
    std::chrono::seconds m_server_now{0};
    std::size_t m_servers = 1;
};

}  // namespace cachectl
