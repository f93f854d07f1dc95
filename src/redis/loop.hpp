// The one poll(2) loop that serves every connection, timer and signal.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "redis/event_loop.hpp"

struct pollfd;

namespace cachectl {

/// Something with a file descriptor that the loop waits for.
class Pollable {
public:
    virtual ~Pollable() = default;
    [[nodiscard]] virtual int poll_fd() const = 0;        // -1: nothing to wait for
    [[nodiscard]] virtual short poll_events() const = 0;  // POLLIN | POLLOUT
    [[nodiscard]] virtual std::optional<SteadyTime> deadline() const = 0;
    virtual void on_ready(short events) = 0;
    /// The deadline has passed and what was readable at that moment has been read.
    virtual void on_deadline() = 0;
};

class Loop final : public EventLoop {
public:
    void add(Pollable& pollable);
    void remove(Pollable& pollable);
    void after(std::chrono::microseconds delay, std::function<void()> action) override;

    /// Polls until `finished()`, which is asked before each wait, or until there is nothing left
    /// to wait for. A signal wakes it, so that `finished()` may ask stop_signal(). May be called
    /// from a timer, but not from a Pollable's on_ready() or on_deadline(): std::logic_error.
    void run_until(const std::function<bool()>& finished) override;

    /// Called once, when a signal has asked us to stop and what is on its way keeps us longer than
    /// a moment.
    std::function<void()> on_slow_stop;

private:
    void poll_once();
    void serve(const std::vector<pollfd>& fds, const std::vector<Pollable*>& polled);
    void run_due_timers();
    void check_slow_stop();

    std::vector<Pollable*> m_pollables;
    std::multimap<SteadyTime, std::function<void()>> m_timers;
    bool m_serving = false;
    std::optional<SteadyTime> m_slow_stop_at;  // set when a signal has come
    bool m_slow_stop_announced = false;
};

}  // namespace cachectl
