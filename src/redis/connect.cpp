#include "redis/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "redis/server_away.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Holds no descriptor where the system does not have the family (IPv6 switched off).
FileDescriptor open_socket(int family) {
    FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0 && errno != EAFNOSUPPORT) {
        throw Error(ExitCode::local_io,
                    std::string("cannot open a socket: ") + std::strerror(errno));
    }
    return fd;
}

/// A file of another kind refuses connections too.
bool is_no_socket(const std::string& path) {
    struct stat status = {};
    return !path.empty() && ::stat(path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode);
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
    const bool no_socket = is_no_socket(address.socket_path);
    if (no_socket) {
        why = "it is no socket";
    }
    const Error error(ExitCode::unreachable, "cannot connect to " + address.name() + ": " + why,
                      hint, address.name());
    if (no_socket) {
        throw error;
    }
    if (cause == ECONNREFUSED || cause == ETIMEDOUT || cause == EHOSTUNREACH) {
        throw ServerAway(error);
    }
    throw error;
}

/// None if the path is too long for one.
std::vector<SocketAddress> unix_address(const std::string& path) {
    sockaddr_un to = {};
    to.sun_family = AF_UNIX;
    if (path.size() >= sizeof to.sun_path) {
        return {};
    }
    std::memcpy(to.sun_path, path.data(), path.size());
    SocketAddress address = {{}, sizeof to};
    std::memcpy(&address.bytes, &to, sizeof to);
    return {address};
}

}  // namespace

StreamConnect::StreamConnect(Loop& loop, ServerAddress address, milliseconds timeout,
                             const TlsContext* tls, std::function<void()> on_end)
    : m_loop(loop),
      m_address(std::move(address)),
      m_timeout(timeout),
      m_tls(tls),
      m_on_end(std::move(on_end)),
      m_deadline(Clock::now() + timeout) {
    m_loop.add(*this);
    attempt([this] { begin(); });
}

StreamConnect::~StreamConnect() { m_loop.remove(*this); }

/// Whatever a step throws is how it ends.
template <typename Step>
void StreamConnect::attempt(Step step) {
    try {
        step();
    } catch (const Error&) {
        m_failure = std::current_exception();
        end();
    }
}

void StreamConnect::begin() {
    if (!m_address.socket_path.empty()) {
        const auto to = unix_address(m_address.socket_path);
        if (to.empty()) {
            throw_unreachable(m_address, ENAMETOOLONG, m_timeout);
        }
        connect_to(to);
        return;
    }
    if (auto addresses = numeric_addresses(m_address.host, m_address.port); !addresses.empty()) {
        connect_to(std::move(addresses));
        return;
    }
    m_lookup = std::make_unique<NameLookup>(
        m_loop, m_address.host, m_address.port, m_deadline, [this](NameLookup::Result result) {
            attempt([&] {
                if (!result.failure.empty()) {
                    throw Error(ExitCode::unreachable,
                                "cannot resolve '" + m_address.host + "': " + result.failure);
                }
                connect_to(std::move(result.addresses));
            });
        });
}

void StreamConnect::connect_to(std::vector<SocketAddress> addresses) {
    m_stage = Stage::connecting;
    m_addresses = std::move(addresses);
    m_next = 0;
    connect_next();
}

void StreamConnect::connect_next() {
    const SocketAddress& to = m_addresses[m_next];
    // Each address gets its share of what is left, so that a dead one hides no live one.
    const auto now = Clock::now();
    const auto left = std::max(Clock::duration(0), m_deadline - now);
    m_share_ends = now + left / static_cast<int>(m_addresses.size() - m_next);
    ++m_next;
    m_socket = open_socket(to.get()->sa_family);
    if (m_socket.get() < 0) {
        after_failure(EAFNOSUPPORT);
    } else if (::connect(m_socket.get(), to.get(), to.size) == 0) {
        connected();
    } else if (errno != EINPROGRESS) {
        after_failure(errno);
    }
}

void StreamConnect::after_failure(int cause) {
    m_socket = FileDescriptor();
    if (m_next == m_addresses.size()) {
        throw_unreachable(m_address, cause, m_timeout);
    }
    connect_next();
}

void StreamConnect::connected() {
    if (m_address.socket_path.empty()) {
        const int on = 1;
        ::setsockopt(m_socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    auto stream = make_socket_stream(std::move(m_socket));
    if (!m_address.tls) {
        m_stream = std::move(stream);
        end();
        return;
    }
    m_handshake = std::make_unique<TlsHandshake>(*m_tls, std::move(stream), m_address);
    m_stage = Stage::shaking_hands;
    shake_hands();
}

void StreamConnect::shake_hands() {
    if (const auto event = m_handshake->step()) {
        m_handshake_event = *event;
        return;
    }
    m_stream = m_handshake->take_stream();
    end();
}

void StreamConnect::end() {
    m_stage = Stage::ended;
    // Not from here, where the loop, or whoever began, still needs us.
    m_loop.after(std::chrono::microseconds(0), m_lifetime.guard(std::move(m_on_end)));
}

std::unique_ptr<Stream> StreamConnect::take() {
    if (m_failure) {
        std::rethrow_exception(m_failure);
    }
    return std::move(m_stream);
}

int StreamConnect::poll_fd() const {
    if (m_stage == Stage::connecting) {
        return m_socket.get();
    }
    return m_stage == Stage::shaking_hands ? m_handshake->fd() : -1;
}

short StreamConnect::poll_events() const {
    return m_stage == Stage::shaking_hands ? m_handshake_event : short{POLLOUT};
}

std::optional<SteadyTime> StreamConnect::deadline() const {
    if (m_stage == Stage::connecting) {
        return m_share_ends;
    }
    return m_stage == Stage::shaking_hands ? std::optional(m_deadline) : std::nullopt;
}

void StreamConnect::on_ready(short /*events*/) {
    attempt([this] {
        if (m_stage == Stage::shaking_hands) {
            shake_hands();
            return;
        }
        int cause = 0;
        socklen_t size = sizeof cause;
        ::getsockopt(m_socket.get(), SOL_SOCKET, SO_ERROR, &cause, &size);
        if (cause == 0) {
            connected();
        } else {
            after_failure(cause);
        }
    });
}

void StreamConnect::on_deadline() {
    attempt([this] {
        if (m_stage == Stage::shaking_hands) {
            throw m_handshake->timed_out();
        }
        after_failure(ETIMEDOUT);
    });
}

}  // namespace cachectl
