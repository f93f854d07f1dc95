#include "redis/stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace cachectl {

namespace {

class SocketStream : public Stream {
public:
    explicit SocketStream(FileDescriptor fd) : m_fd(std::move(fd)) {}

    Result read(std::span<char> into) override {
        const ssize_t n = ::recv(m_fd.get(), into.data(), into.size(), 0);
        if (n == 0) {
            return {Status::closed, 0, {}};
        }
        return result_of(n, "read: ");
    }

    Result write(std::string_view bytes) override {
        return result_of(::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "write: ");
    }

    [[nodiscard]] int fd() const override { return m_fd.get(); }

private:
    static Result result_of(ssize_t n, const char* operation) {
        if (n >= 0) {
            return {Status::ok, static_cast<std::size_t>(n), {}};
        }
        if (errno == EAGAIN || errno == EINTR) {
            return {Status::again, 0, {}};
        }
        return {Status::failed, 0, operation + std::string(std::strerror(errno))};
    }

    FileDescriptor m_fd;
};

}  // namespace

short Stream::read_event() const { return POLLIN; }
short Stream::write_event() const { return POLLOUT; }

std::unique_ptr<Stream> make_socket_stream(FileDescriptor socket) {
    return std::make_unique<SocketStream>(std::move(socket));
}

}  // namespace cachectl
