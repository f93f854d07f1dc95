#include "redis/event_loop.hpp"

#include <memory>

#include "util/signals.hpp"

namespace cachectl {

void EventLoop::sleep(std::chrono::microseconds time) {
    // Shared, because the timer outlives this frame when a signal ends the wait.
    const auto over = std::make_shared<bool>(false);
    after(time, [over] { *over = true; });
    run_until([&] { return *over || stop_signal() != 0; });
}

}  // namespace cachectl
