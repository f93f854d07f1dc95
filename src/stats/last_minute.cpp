#include "stats/last_minute.hpp"

#include <algorithm>
#include <iterator>

namespace cachectl {

namespace {

constexpr std::size_t k_most_slow_commands = 2'000;
constexpr double k_least_share = 0.01;

}  // namespace

void LastMinute::add(std::span<const Reading> before, std::span<const Reading> after,
                     std::vector<SlowCommand> slow, std::chrono::seconds otherwise) {
    m_servers = std::max<std::size_t>(1, after.size());
    for (const Reading& reading : after) {
        if (!reading.answered()) {
            continue;
        }
        m_server_now = server_clock(reading.server.info, otherwise);
        m_now = std::max(m_now, reading.at);
        m_began = m_began == SteadyTime{} ? reading.at : m_began;
    }
    add_times(before, after);
    if (!before.empty()) {
        std::for_each(slow.begin(), slow.end(),
                      [this](const SlowCommand& command) { subtract(command); });
    }
    while (!m_seconds.empty() && m_seconds.front().begin + k_window < m_now) {
        m_seconds.pop_front();
    }
    std::move(slow.rbegin(), slow.rend(), std::back_inserter(m_slow));
    std::erase_if(
        m_slow, [&](const SlowCommand& command) { return command.at <= m_server_now - k_window; });
    if (m_slow.size() > k_most_slow_commands) {
        m_slow.erase(m_slow.begin(),
                     m_slow.end() - static_cast<std::ptrdiff_t>(k_most_slow_commands));
    }
}

void LastMinute::add_times(std::span<const Reading> before, std::span<const Reading> after) {
    if (m_seconds.empty() || m_seconds.back().begin + std::chrono::seconds(1) <= m_now) {
        m_seconds.push_back({m_now, {}});
    }
    for (const Reading& reading : after) {
        const auto earlier = std::find_if(before.begin(), before.end(), [&](const Reading& other) {
            return other.node == reading.node;
        });
        if (earlier == before.end()) {
            continue;
        }
        for (const CommandTime& time : command_times_between(*earlier, reading)) {
            CommandTime& sum = m_seconds.back().times[time.command];
            sum.command = time.command;
            sum.calls += time.calls;
            sum.usec += time.usec;
        }
    }
}

void LastMinute::subtract(const SlowCommand& slow) {
    auto& times = m_seconds.back().times;
    auto found = times.find(slow.command);
    if (found == times.end()) {
        // Before Redis 7.0 there was no telling subcommands apart.
        const std::string command = slow.command.substr(0, slow.command.find('|'));
        found = times.try_emplace(command, CommandTime{command}).first;
    }
    --found->second.calls;
    found->second.usec -= slow.took.count();
}

std::vector<CommandTime> LastMinute::total_times() const {
    std::map<std::string, CommandTime> sums;
    for (const Second& second : m_seconds) {
        for (const auto& [command, time] : second.times) {
            CommandTime& sum = sums[command];
            sum.command = command;
            sum.calls += time.calls;
            sum.usec += time.usec;
        }
    }
    std::vector<CommandTime> times;
    for (const auto& [command, time] : sums) {
        times.push_back(time);
    }
    return times;
}

std::vector<HeldBy> LastMinute::held() const {
    const std::vector<SlowCommand> slow(m_slow.begin(), m_slow.end());
    std::vector<HeldBy> held = held_by(within(slow, m_server_now, k_window), k_window);

    // INFO commandstats was compared for a shorter time, until a minute has been watched.
    const SteadyTime::duration watched = std::min<SteadyTime::duration>(m_now - m_began, k_window);
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(watched);
    const std::vector<HeldBy> unlogged =
        held_unlogged(total_times(), time * m_servers, k_least_share);
    held.insert(held.end(), unlogged.begin(), unlogged.end());
    std::stable_sort(held.begin(), held.end(),
                     [](const HeldBy& a, const HeldBy& b) { return a.share > b.share; });
    return held;
}

}  // namespace cachectl
