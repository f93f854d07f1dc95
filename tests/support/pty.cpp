#include "support/pty.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include "support/failure_log.hpp"

namespace cachectl::test {

namespace {
using Clock = std::chrono::steady_clock;
}

PtyProcess::PtyProcess(std::vector<std::string> argv, PtyOptions options)
    : m_timeout(options.process.timeout) {
    int child_end = -1;
    winsize size{options.rows, options.columns, 0, 0};
    if (::openpty(&m_master, &child_end, nullptr, nullptr, &size) != 0) {
        throw std::runtime_error("openpty failed");
    }
    ::fcntl(m_master, F_SETFD, FD_CLOEXEC);
    ::fcntl(child_end, F_SETFD, FD_CLOEXEC);
    ::fcntl(m_master, F_SETFL, ::fcntl(m_master, F_GETFL) | O_NONBLOCK);
    options.process.terminal_fd = child_end;
    options.process.terminal_stdin = options.stdin_on_terminal;
    options.process.terminal_stdout = options.stdout_on_terminal;
    options.process.terminal_stderr = options.stderr_on_terminal;
    try {
        m_process = std::make_unique<Process>(std::move(argv), std::move(options.process));
    } catch (...) {
        ::close(child_end);
        ::close(m_master);
        throw;
    }
    ::close(child_end);
}

PtyProcess::~PtyProcess() {
    keep_for_failure("terminal", m_screen);
    m_process.reset();
    ::close(m_master);
}

void PtyProcess::pump(Millis longest) {
    m_process->pump(longest);
    std::array<char, 4096> chunk;
    // EIO once the child has closed its end: nothing more will come.
    for (ssize_t n; (n = ::read(m_master, chunk.data(), chunk.size())) > 0;) {
        m_screen.append(chunk.data(), static_cast<std::size_t>(n));
    }
}

bool PtyProcess::expect(std::string_view text, Millis timeout) {
    const auto deadline = Clock::now() + timeout;
    for (;;) {
        const bool ended = !m_process->running();
        pump(Millis(2));
        const std::size_t at = m_screen.find(text, m_matched);
        if (at != std::string::npos) {
            m_matched = at + text.size();
            return true;
        }
        if (ended || Clock::now() >= deadline) {
            return false;
        }
    }
}

void PtyProcess::type(std::string_view keys) {
    while (!keys.empty()) {
        const ssize_t n = ::write(m_master, keys.data(), keys.size());
        if (n > 0) {
            keys.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            pump(Millis(1));
        } else {
            throw std::runtime_error("cannot type on the terminal");
        }
    }
}

void PtyProcess::resize(unsigned short rows, unsigned short columns) {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(m_master, TIOCSWINSZ, &size);
}

ProcessResult PtyProcess::wait() {
    const auto deadline = Clock::now() + m_timeout;
    bool timed_out = false;
    while (m_process->running()) {
        if (!timed_out && Clock::now() >= deadline) {
            timed_out = true;
            m_process->send_signal(SIGKILL);
        }
        pump(Millis(2));
    }
    pump(Millis(0));
    ProcessResult result = m_process->wait();
    result.timed_out = timed_out;
    return result;
}

}  // namespace cachectl::test
