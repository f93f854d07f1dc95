#include "output/writer.hpp"

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

void Writer::write(std::string_view bytes) {
    if (m_sink != nullptr) {
        m_sink->append(bytes);
        return;
    }
    m_buffer.append(bytes);
    if (m_buffer.size() >= k_buffer_bytes) flush();
}

void Writer::flush() {
    std::string_view left = m_buffer;
    while (!left.empty()) {
        const ssize_t n = ::write(m_fd, left.data(), left.size());
        if (n >= 0) {
            left.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EINTR) {
            const int cause = errno;
            m_buffer.clear();
            if (cause == EPIPE) throw ClosedPipe{};
            throw Error(ExitCode::local_io,
                        std::string("cannot write the output: ") + std::strerror(cause));
        }
    }
    m_buffer.clear();
}

}  // namespace cachectl
