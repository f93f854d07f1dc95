// The clock, the timers and the waiting of a program that does many things at once in one thread.
#pragma once

#include <chrono>
#include <functional>

#include "util/run_delay.hpp"

namespace cachectl {

using SteadyTime = std::chrono::steady_clock::time_point;

class EventLoop {
public:
    virtual ~EventLoop() = default;

    /// Calls `action` once, from within run_until(), not sooner than `delay` from now.
    virtual void after(std::chrono::microseconds delay, std::function<void()> action) = 0;

    /// The clock of after().
    [[nodiscard]] virtual SteadyTime now() const { return std::chrono::steady_clock::now(); }

    /// How long we have been kept from running by others who wanted our CPU, in all.
    [[nodiscard]] virtual SteadyTime::duration held_up() const { return run_delay(); }

    /// Writes, reads and runs timers until `finished()`, or until nothing is pending any more.
    /// Whoever waits, waits in here: a reply's callback must not, as its connection could be gone
    /// when it returns (std::logic_error).
    virtual void run_until(const std::function<bool()>& finished) = 0;

    /// Lets time pass while all else goes on. A signal that asks us to stop ends it.
    void sleep(std::chrono::microseconds time);
};

}  // namespace cachectl
