#include "output/writer.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstring>
#include <optional>

#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {
constexpr std::size_t k_buffer_bytes = 64 * 1024;
constexpr std::chrono::milliseconds k_patience_when_stopped{1'000};

bool is_regular_file(int fd) {
    struct stat file = {};
    return ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}
}  // namespace

// A pipe or a terminal of which poll(2) says that it is ready takes PIPE_BUF bytes at once. A
// larger write would block in the middle, where a signal that came just before goes unnoticed.
Writer::Writer(int fd)
    : m_fd(fd),
      m_is_terminal(::isatty(fd) == 1),
      m_most_bytes(is_regular_file(fd) ? std::string::npos : std::size_t{PIPE_BUF}) {}

Writer::Writer(std::string& sink) : m_sink(&sink) {}

Writer::~Writer() {
    try {
        flush();
    } catch (...) {  // said at the flush() that counts
    }
}

void Writer::write(std::string_view bytes) {
    if (m_sink != nullptr) {
        m_sink->append(bytes);
        return;
    }
    if (m_buffer.size() + bytes.size() >= k_buffer_bytes) {
        flush();
    }
    if (bytes.size() >= k_buffer_bytes) {
        write_now(bytes);
    } else {
        m_buffer.append(bytes);
    }
}

void Writer::divert(std::string* sink) {
    if (m_fd >= 0) {
        flush();
    }
    if (sink != nullptr) {
        m_own_sink = m_sink;
        m_sink = sink;
    } else {
        m_sink = m_own_sink;
    }
}

void Writer::flush() {
    // Emptied after a failure too: nothing may be written a second time.
    struct Emptied {
        std::string& buffer;
        ~Emptied() { buffer.clear(); }
    } const emptied{m_buffer};
    write_now(m_buffer);
}

void Writer::write_now(std::string_view bytes) {
    while (!bytes.empty()) {
        if (m_most_bytes != std::string::npos) {
            wait_until_it_takes_more();
        }
        const ssize_t n = ::write(m_fd, bytes.data(), std::min(bytes.size(), m_most_bytes));
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EPIPE) {
            throw ClosedPipe{};
        } else if (errno == EBADF) {
            throw Error(ExitCode::local_io, "cannot write the output: stdout is closed");
        } else if (errno != EINTR && errno != EAGAIN) {
            throw Error(ExitCode::local_io,
                        std::string("cannot write the output: ") + std::strerror(errno));
        }
    }
}

void Writer::wait_until_it_takes_more() const {
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> end;
    while (true) {
        const bool stopping = stop_signal() != 0;
        if (stopping && !end) {
            end = Clock::now() + k_patience_when_stopped;
        }
        int wait_ms = -1;
        if (stopping) {
            wait_ms = static_cast<int>(
                std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()).count());
            if (wait_ms <= 0) {
                throw Error(stop_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated,
                            "interrupted while nobody read the output");
            }
        }
        pollfd fds[] = {{m_fd, POLLOUT, 0}, {stopping ? -1 : signal_wake_fd(), POLLIN, 0}};
        ::poll(fds, 2, wait_ms);
        if (fds[0].revents != 0) {
            return;
        }
    }
}

}  // namespace cachectl
