#include "util/signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <initializer_list>

namespace cachectl {

namespace {

// timeout(1) signals its child and then the child's group, and a shell's `kill` may do so too: that
// is one request, not two.
constexpr std::int64_t k_echo_ns = 100'000'000;

volatile std::sig_atomic_t g_stop_signal = 0;
std::atomic<std::int64_t> g_stopped_at_ns = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
int g_wake_pipe[2] = {-1, -1};
std::atomic<void (*)()> g_restore = nullptr;
static_assert(std::atomic<void (*)()>::is_always_lock_free);

std::int64_t now_ns() {
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool is_echo(int signal) {
    return signal == g_stop_signal && now_ns() - g_stopped_at_ns < k_echo_ns;
}

// Async-signal-safe calls only.
void on_stop_signal(int signal) {
    const int saved_errno = errno;
    if (g_stop_signal != 0 && !is_echo(signal)) {
        if (void (*const restore)() = g_restore) {
            restore();
        }
        ::_exit(128 + signal);
    }
    if (g_stop_signal != 0) {
        return;
    }
    g_stopped_at_ns = now_ns();
    g_stop_signal = signal;
    [[maybe_unused]] const ssize_t n = ::write(g_wake_pipe[1], "!", 1);
    errno = saved_errno;
}

}  // namespace

void install_signal_handlers() {
    if (::pipe2(g_wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    struct sigaction action = {};
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        // A signal that our parent ignores (nohup) stays ignored.
        struct sigaction inherited = {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) {
            ::sigaction(signal, &action, nullptr);
        }
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

int stop_signal() noexcept { return g_stop_signal; }

int signal_wake_fd() noexcept { return g_wake_pipe[0]; }

void before_hard_stop(void (*restore)()) noexcept { g_restore = restore; }

void set_stop_signal(int signal) noexcept { g_stop_signal = signal; }

void sleep_until_signal(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (stop_signal() == 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return;
        }
        pollfd wake{signal_wake_fd(), POLLIN, 0};
        constexpr std::chrono::milliseconds k_longest{60'000};
        ::poll(&wake, 1, static_cast<int>(std::min(left, k_longest).count()));
    }
}

}  // namespace cachectl
