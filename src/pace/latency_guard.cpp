#include "pace/latency_guard.hpp"

#include <fmt/format.h>

#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_look_again{100};

SteadyTime::duration clock_steps(LatencyGuard::Micros time) {
    return std::chrono::duration_cast<SteadyTime::duration>(time);
}

}  // namespace

LatencyGuard::LatencyGuard(Client& client, LatencyLimits limits, Listener listener)
    : m_client(client), m_limits(limits), m_listener(std::move(listener)) {}

void LatencyGuard::expect(Micros answer, Micros round_trip) {
    if (!m_limits.max_latency) {
        return;
    }
    m_round_trip = round_trip;
    m_due.push_back(m_client.now() + clock_steps(answer));
    if (!m_watch) {
        watch();
    }
}

// One timer for all of them: most answers have come when it looks, and then it is set for the one
// that is the oldest by then.
void LatencyGuard::watch() {
    m_watch.emplace();
    const auto wait = m_due.front() + *m_limits.max_latency - m_client.now();
    m_client.after(std::chrono::ceil<std::chrono::microseconds>(wait), m_watch->guard([this] {
        m_watch.reset();
        if (m_due.empty()) {
            return;
        }
        if (m_due.front() + *m_limits.max_latency <= m_client.now()) {
            pause();
        } else {
            watch();
        }
    }));
}

void LatencyGuard::answered(Micros late) {
    if (!m_limits.max_latency) {
        return;
    }
    m_due.pop_front();
    if (late > *m_limits.max_latency) {
        pause();
    }
}

void LatencyGuard::pause() {
    if (m_pause) {
        return;
    }
    m_pause.emplace();
    if (!std::exchange(m_noted, true)) {
        m_listener.note(
            fmt::format("the server's replies are more than {} late: pausing", limit()));
    }
    m_client.after(k_look_again, m_pause->guard([this] { look_again(); }));
    m_client.after(m_limits.max_pause, m_pause->guard([this] { stop(); }));
}

void LatencyGuard::look_again() {
    if (!m_listener.is_connected()) {
        m_client.after(k_look_again, m_pause->guard([this] { look_again(); }));
        return;
    }
    const SteadyTime sent = m_client.now();
    m_client.send({"PING"}, m_pause->guard([this, sent](const Reply& reply) {
        const SteadyTime now = m_client.now();
        if (reply.is_broken() || now - sent - clock_steps(m_round_trip) <= *m_limits.max_latency) {
            m_pause.reset();
            m_listener.resume();
        } else {
            m_client.after(k_look_again, m_pause->guard([this] { look_again(); }));
        }
    }));
}

void LatencyGuard::stop() {
    m_pause.reset();
    m_listener.stop({ExitCode::partial,
                     fmt::format("the server's replies have been more than {} late for {}", limit(),
                                 format_duration(m_limits.max_pause)),
                     "when it has recovered, or with a longer --max-latency or --max-pause, run "
                     "the same command again"});
}

std::string LatencyGuard::limit() const {
    return format_duration(std::chrono::ceil<milliseconds>(*m_limits.max_latency));
}

}  // namespace cachectl
