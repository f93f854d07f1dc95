#include "output/writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "util/error.hpp"

namespace cachectl {

namespace {
constexpr std::size_t k_buffer_bytes = 64 * 1024;
}

Writer::Writer(int fd) : m_fd(fd) {}

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
    if (m_buffer.size() + bytes.size() >= k_buffer_bytes) flush();
    if (bytes.size() >= k_buffer_bytes) {
        write_now(bytes);
    } else {
        m_buffer.append(bytes);
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
        const ssize_t n = ::write(m_fd, bytes.data(), bytes.size());
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            // Whoever shares the pipe or the terminal with us may have made it non-blocking.
            pollfd writable{m_fd, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno == EPIPE) {
            throw ClosedPipe{};
        } else if (errno != EINTR) {
            throw Error(ExitCode::local_io,
                        std::string("cannot write the output: ") + std::strerror(errno));
        }
    }
}

}  // namespace cachectl
