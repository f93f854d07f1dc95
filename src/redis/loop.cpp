#include "redis/loop.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "util/error.hpp"
#include "util/scoped_flag.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::chrono::milliseconds k_slow_stop{500};
constexpr std::chrono::milliseconds k_pause_without_memory{10};
constexpr std::chrono::nanoseconds k_longest_wait = std::chrono::minutes(1);

timespec to_timespec(std::chrono::nanoseconds time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return {static_cast<std::time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

void drain(int fd) {
    char bytes[64];
    while (::read(fd, bytes, sizeof bytes) > 0) {
    }
}

}  // namespace

void Loop::add(Pollable& pollable) { m_pollables.push_back(&pollable); }

void Loop::remove(Pollable& pollable) { std::erase(m_pollables, &pollable); }

void Loop::after(std::chrono::microseconds delay, std::function<void()> action) {
    m_timers.emplace(std::chrono::steady_clock::now() + delay, std::move(action));
}

void Loop::run_until(const std::function<bool()>& finished) {
    if (m_serving) {
        throw std::logic_error("the loop is run from within a reply");
    }
    while (!finished()) {
        const bool waiting = std::any_of(m_pollables.begin(), m_pollables.end(),
                                         [](Pollable* p) { return p->deadline().has_value(); });
        if (!waiting && m_timers.empty()) {
            return;
        }
        poll_once();
        check_slow_stop();
    }
}

void Loop::check_slow_stop() {
    if (stop_signal() == 0 || m_slow_stop_announced) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!m_slow_stop_at) {
        m_slow_stop_at = now + k_slow_stop;
    }
    if (now < *m_slow_stop_at) {
        return;
    }
    m_slow_stop_announced = true;
    if (on_slow_stop) {
        on_slow_stop();
    }
}

void Loop::poll_once() {
    std::vector<pollfd> fds;
    const std::vector<Pollable*> polled = m_pollables;
    SteadyTime wake = std::chrono::steady_clock::now() + k_longest_wait;
    for (const Pollable* pollable : polled) {
        fds.push_back({pollable->poll_fd(), pollable->poll_events(), 0});
        if (const auto when = pollable->deadline()) {
            wake = std::min(wake, *when);
        }
    }
    if (!m_timers.empty()) {
        wake = std::min(wake, m_timers.begin()->first);
    }
    if (m_slow_stop_at && !m_slow_stop_announced) {
        wake = std::min(wake, *m_slow_stop_at);
    }
    fds.push_back({signal_wake_fd(), POLLIN, 0});

    // ppoll(2), because the pauses between two requests are fractions of a millisecond.
    const timespec timeout =
        to_timespec(std::max(std::chrono::nanoseconds(0), wake - std::chrono::steady_clock::now()));
    if (::ppoll(fds.data(), fds.size(), &timeout, nullptr) < 0) {
        if (errno == ENOMEM) {
            // Of the system's own memory, which comes back; until then the deadlines hold.
            std::this_thread::sleep_for(k_pause_without_memory);
        } else if (errno != EINTR) {
            throw Error(ExitCode::unreachable, std::string("ppoll: ") + std::strerror(errno));
        }
        std::for_each(fds.begin(), fds.end(), [](pollfd& fd) { fd.revents = 0; });
    }
    if (fds.back().revents != 0) {
        drain(signal_wake_fd());
    }

    serve(fds, polled);
    run_due_timers();
}

// Reading comes before the deadlines: after a suspend (SIGTSTP, laptop lid) the replies are there
// and the deadline has passed, and that must not count as a timeout.
void Loop::serve(const std::vector<pollfd>& fds, const std::vector<Pollable*>& polled) {
    const ScopedFlag serving(m_serving);
    for (std::size_t i = 0; i < polled.size(); ++i) {
        if (fds[i].revents != 0) {
            polled[i]->on_ready(fds[i].revents);
        }
    }
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < polled.size(); ++i) {
        const auto when = polled[i]->deadline();
        if (fds[i].revents == 0 && when && *when <= now) {
            polled[i]->on_deadline();
        }
    }
}

void Loop::run_due_timers() {
    const auto now = std::chrono::steady_clock::now();
    while (!m_timers.empty() && m_timers.begin()->first <= now) {
        const auto action = std::move(m_timers.begin()->second);
        m_timers.erase(m_timers.begin());
        action();
    }
}

}  // namespace cachectl
