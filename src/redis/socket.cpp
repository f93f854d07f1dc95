#include "redis/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "redis/server_away.hpp"
#include "redis/tls.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) : m_fd(fd) {}
    ~FileDescriptor() {
        if (m_fd >= 0) ::close(m_fd);
    }
    FileDescriptor(FileDescriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    [[nodiscard]] int get() const { return m_fd; }

private:
    int m_fd;
};

class PlainStream : public Stream {
public:
    explicit PlainStream(FileDescriptor fd) : m_fd(std::move(fd)) {}

    Result read(std::span<char> into) override {
        const ssize_t n = ::recv(m_fd.get(), into.data(), into.size(), 0);
        if (n == 0) return {Status::closed, 0, {}};
        return result_of(n, "read: ");
    }

    Result write(std::string_view bytes) override {
        return result_of(::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "write: ");
    }

    [[nodiscard]] int fd() const override { return m_fd.get(); }

private:
    static Result result_of(ssize_t n, const char* operation) {
        if (n >= 0) return {Status::ok, static_cast<std::size_t>(n), {}};
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            return {Status::again, 0, {}};
        return {Status::failed, 0, operation + std::string(std::strerror(errno))};
    }

    FileDescriptor m_fd;
};

[[noreturn]] void throw_interrupted() {
    throw Error(stop_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated,
                "interrupted while connecting; nothing was sent");
}

milliseconds until(Clock::time_point deadline) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - Clock::now()));
}

struct AddressList {
    addrinfo* head = nullptr;
    AddressList() = default;
    AddressList(const AddressList&) = delete;
    AddressList& operator=(const AddressList&) = delete;
    ~AddressList() {
        if (head != nullptr) ::freeaddrinfo(head);
    }
};

/// getaddrinfo() with a deadline: a resolver that hangs must not hang us.
void resolve(const ServerAddress& address, Clock::time_point deadline, AddressList& found) {
    const std::string port = std::to_string(address.port);
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    struct Request {
        std::string host, port;
        addrinfo hints;
        gaicb control = {};
    };
    // Requests that were given up stay, because the resolver's thread still writes to them.
    static auto& abandoned = *new std::vector<std::unique_ptr<Request>>;
    auto request = std::make_unique<Request>(Request{address.host, port, hints, {}});
    request->control.ar_name = request->host.c_str();
    request->control.ar_service = request->port.c_str();
    request->control.ar_request = &request->hints;
    gaicb* list[] = {&request->control};

    int status = ::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr);
    if (status == 0) status = ::gai_error(&request->control);
    while (status == EAI_INPROGRESS && stop_signal() == 0 && until(deadline) != milliseconds(0)) {
        const auto step = std::min(until(deadline), milliseconds(100));
        const timespec wait = {step.count() / 1000, (step.count() % 1000) * 1'000'000};
        ::gai_suspend(list, 1, &wait);
        status = ::gai_error(&request->control);
    }
    if (status == 0) {
        found.head = request->control.ar_result;
    } else if (status == EAI_INPROGRESS && ::gai_cancel(&request->control) != EAI_CANCELED) {
        abandoned.push_back(std::move(request));
    }
    if (stop_signal() != 0) throw_interrupted();
    if (status == EAI_INPROGRESS) {
        throw Error(ExitCode::unreachable,
                    "cannot resolve '" + address.host + "': no answer from the resolver in time");
    }
    if (status != 0) {
        throw Error(ExitCode::unreachable,
                    "cannot resolve '" + address.host + "': " + ::gai_strerror(status));
    }
}

/// Returns 0, or the errno of the failed connect (ETIMEDOUT past the deadline).
int connect_one(const FileDescriptor& fd, const sockaddr* to, socklen_t size,
                Clock::time_point deadline) {
    if (::connect(fd.get(), to, size) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(fd.get(), POLLOUT, deadline)) return ETIMEDOUT;
    int cause = 0;
    socklen_t cause_size = sizeof cause;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &cause, &cause_size);
    return cause;
}

/// Holds no descriptor where the system does not have the family (IPv6 switched off).
FileDescriptor open_socket(int family) {
    FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0 && errno != EAFNOSUPPORT) {
        throw Error(ExitCode::local_io,
                    std::string("cannot open a socket: ") + std::strerror(errno));
    }
    return fd;
}

[[noreturn]] void throw_unreachable(const ServerAddress& address, int cause, milliseconds timeout) {
    std::string why = std::strerror(cause);
    std::string hint;
    if (cause == ETIMEDOUT) {
        why = "no answer in " + std::to_string(timeout.count()) + " ms";
        hint = "a firewall may drop the packets; --connect-timeout waits longer";
    } else if (cause == ECONNREFUSED || cause == ENOENT) {
        hint = "is the server running there? -h HOST -p PORT, -s SOCKET or -u URL name another";
    }
    const Error error(ExitCode::unreachable, "cannot connect to " + address.name() + ": " + why,
                      hint);
    if (cause == ECONNREFUSED || cause == ETIMEDOUT || cause == EHOSTUNREACH) {
        throw ServerAway(error);
    }
    throw error;
}

FileDescriptor connect_unix(const ServerAddress& address, milliseconds timeout) {
    sockaddr_un to = {};
    to.sun_family = AF_UNIX;
    if (address.socket_path.size() >= sizeof to.sun_path) {
        throw_unreachable(address, ENAMETOOLONG, timeout);
    }
    std::memcpy(to.sun_path, address.socket_path.data(), address.socket_path.size());
    FileDescriptor fd = open_socket(AF_UNIX);
    const int cause =
        connect_one(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to, Clock::now() + timeout);
    if (cause != 0) throw_unreachable(address, cause, timeout);
    return fd;
}

FileDescriptor connect_tcp(const ServerAddress& address, milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    AddressList found;
    resolve(address, deadline, found);
    int left = 0;
    for (const addrinfo* at = found.head; at != nullptr; at = at->ai_next) ++left;
    int cause = ENETUNREACH;
    for (const addrinfo* at = found.head; at != nullptr; at = at->ai_next, --left) {
        // Each address gets its share of what is left, so that a dead one hides no live one.
        const auto share = Clock::now() + until(deadline) / left;
        FileDescriptor fd = open_socket(at->ai_family);
        if (fd.get() < 0) {
            cause = EAFNOSUPPORT;
            continue;
        }
        cause = connect_one(fd, at->ai_addr, at->ai_addrlen, share);
        if (cause == 0) {
            const int on = 1;
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return fd;
        }
    }
    throw_unreachable(address, cause, timeout);
}

}  // namespace

short Stream::read_event() const { return POLLIN; }
short Stream::write_event() const { return POLLOUT; }

bool wait_for(int fd, short events, Clock::time_point deadline) {
    while (true) {
        pollfd fds[] = {{fd, events, 0}, {signal_wake_fd(), POLLIN, 0}};
        const int ready = ::poll(fds, 2, static_cast<int>(until(deadline).count()));
        if (stop_signal() != 0) throw_interrupted();
        // A poll that fails is no reason to wait: whoever uses the descriptor learns why.
        if (fds[0].revents != 0 || (ready < 0 && errno != EINTR)) return true;
        if (until(deadline) == milliseconds(0)) return false;
    }
}

std::unique_ptr<Stream> connect_stream(const ServerAddress& address, milliseconds timeout,
                                       const TlsContext* tls) {
    const auto deadline = Clock::now() + timeout;
    auto stream =
        std::make_unique<PlainStream>(address.socket_path.empty() ? connect_tcp(address, timeout)
                                                                  : connect_unix(address, timeout));
    if (!address.tls) return stream;
    return tls->shake_hands(std::move(stream), address, deadline);
}

}  // namespace cachectl
