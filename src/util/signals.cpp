#include "util/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace cachectl {

namespace {

volatile std::sig_atomic_t g_stop_signal = 0;
int g_wake_pipe[2] = {-1, -1};

// Async-signal-safe calls only.
void on_stop_signal(int signal) {
    if (g_stop_signal != 0) ::_exit(128 + signal);
    g_stop_signal = signal;
    const int saved_errno = errno;
    [[maybe_unused]] const ssize_t n = ::write(g_wake_pipe[1], "!", 1);
    errno = saved_errno;
}

}  // namespace

void install_signal_handlers() {
    if (::pipe2(g_wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    struct sigaction action = {};
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        // A signal that our parent ignores (nohup) stays ignored.
        struct sigaction inherited = {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

int stop_signal() noexcept { return g_stop_signal; }

int signal_wake_fd() noexcept { return g_wake_pipe[0]; }

void set_stop_signal(int signal) noexcept { g_stop_signal = signal; }

}  // namespace cachectl
