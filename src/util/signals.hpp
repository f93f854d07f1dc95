// Ctrl-C and SIGTERM as a request that the work in flight finishes, not as a stop.
#pragma once

#include <chrono>

namespace cachectl {

/// Installs the handlers: the first SIGINT, SIGTERM or SIGHUP asks the work to stop, the second
/// ends the process at once, unless both are SIGTERM within 100 ms: timeout(1) sends it twice.
/// SIGPIPE and SIGXFSZ are ignored, so that a closed pipe and a file beyond `ulimit -f` are write
/// errors.
void install_signal_handlers();

/// The signal that asked us to stop, or 0.
[[nodiscard]] int stop_signal() noexcept;

/// Becomes readable when a signal arrives, so that poll(2) wakes up; -1 before installation.
[[nodiscard]] int signal_wake_fd() noexcept;

/// What the second signal calls before it ends the process: `restore` gives back a terminal that
/// was changed, and has to be async-signal-safe; null: nothing.
void before_hard_stop(void (*restore)()) noexcept;

/// Lets time pass where there is no event loop to wait in. A signal that asks us to stop ends it.
void sleep_until_signal(std::chrono::milliseconds time);

/// As if `signal` had arrived (0 takes it back).
void set_stop_signal(int signal) noexcept;

}  // namespace cachectl
