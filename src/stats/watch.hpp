// Reads servers again and again, and goes on when one goes away and comes back.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "stats/last_minute.hpp"
#include "stats/reader.hpp"
#include "stats/reading.hpp"

namespace cachectl {

/// What one turn of a watch has found.
struct WatchTurn {
    std::vector<Reading> readings;  // empty: no server could be reached
    Rates rates;                    // since the turn before; the servers' own the first time
    std::string trouble;            // why a server is missing; empty: none is
    const LastMinute& minute;
};

class Watch {
public:
    struct Hooks {
        /// Each turn.
        std::function<void(const WatchTurn&)> on_turn;
        /// Some twenty times a second, also while a server is waited for; with the time since the
        /// last reading came. Empty: not needed.
        std::function<void(std::chrono::milliseconds)> on_idle;
        /// Whether to end it; stop_signal() ends it too.
        std::function<bool()> finished;
        std::function<std::chrono::system_clock::time_point()> wall_now;
    };

    /// The client outlives this.
    Watch(Client& client, std::chrono::milliseconds every, Hooks hooks);

    /// Until it is to end. Throws what on_turn throws, and Error where a server refuses us for
    /// good.
    void run();

    /// What could not be read, once each.
    [[nodiscard]] Lacking& lacking() { return m_lacking; }

private:
    [[nodiscard]] bool over() const;
    void turn();
    void wait_until(SteadyTime when);
    void arm_idle();

    Client& m_client;
    std::chrono::milliseconds m_every;
    Hooks m_hooks;
    Reader m_reader;
    Lacking m_lacking;
    SlowLogs m_slow_logs;
    LastMinute m_minute;
    std::vector<Reading> m_before;
    std::string m_trouble;
    SteadyTime m_heard;
    bool m_idle_armed = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);  // for timers that outlive this
};

}  // namespace cachectl
