// --max-latency and --max-pause: a server that answers too late is left alone until it answers in
// time again, and given up when that takes too long.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "redis/client.hpp"
#include "util/error.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

struct LatencyLimits {
    /// How much later an answer may be than the round trip and our own work explain; nothing: there
    /// is no limit.
    std::optional<std::chrono::microseconds> max_latency;
    std::chrono::milliseconds max_pause{30'000};
};

/// While it pauses, it asks the server (PING) until it answers in time. That an answer has not come
/// at all is noticed as well, so a server that hangs is paused for from the start.
class LatencyGuard {
public:
    using Micros = std::chrono::duration<double, std::micro>;

    /// All are called from within run_until(), `is_connected` before the server is asked.
    struct Listener {
        std::function<bool()> is_connected;
        std::function<void(const std::string&)> note;  // at the first pause
        std::function<void()> resume;
        std::function<void(Error)> stop;
    };

    LatencyGuard(Client& client, LatencyLimits limits, Listener listener);
    LatencyGuard(const LatencyGuard&) = delete;
    LatencyGuard& operator=(const LatencyGuard&) = delete;

    /// Nothing may be sent.
    [[nodiscard]] bool pauses() const { return m_pause.has_value(); }

    /// A request was sent; its answer is due at that time.
    void expect(Micros answer, Micros round_trip);
    /// The answer to the oldest request has come, that much after it was due.
    void answered(Micros late);

private:
    void watch();
    void pause();
    void look_again();
    void stop();
    [[nodiscard]] std::string limit() const;

    Client& m_client;
    LatencyLimits m_limits;
    Listener m_listener;
    std::deque<SteadyTime> m_due;  // when the answers should be here
    Micros m_round_trip{0};
    bool m_noted = false;
    std::optional<Lifetime> m_watch;  // while an answer is waited for
    std::optional<Lifetime> m_pause;  // while it pauses
};

}  // namespace cachectl
