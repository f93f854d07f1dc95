#include "support/fake_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace cachectl::test {

namespace {

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// The number in "*3\r\n" or "$5\r\n" at `at`, which moves behind it; nullopt if it is not all
/// there yet.
std::optional<std::size_t> read_count(const std::string& buffer, std::size_t& at, char kind) {
    const std::size_t end = buffer.find("\r\n", at);
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::size_t count = 0;
    const char* first = buffer.data() + at + 1;
    if (buffer[at] != kind ||
        std::from_chars(first, buffer.data() + end, count).ec != std::errc{}) {
        throw std::runtime_error("the client sent something that is not RESP");
    }
    at = end + 2;
    return count;
}

}  // namespace

FakeServer::FakeServer(Script script, Address address)
    : FakeServer(std::vector<Script>{std::move(script)}, address) {}

FakeServer::FakeServer(std::vector<Script> scripts, Address address)
    : m_scripts(std::move(scripts)) {
    // Whoever polls the read end wakes when the write end is closed: the way to stop every thread.
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2 failed");
    }
    m_stop_read = ends[0];
    m_stop_write = ends[1];
    bool ok = false;
    if (address == Address::tcp) {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        ok = ::bind(m_listener, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
             ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&at), &size) == 0;
        m_port = ntohs(at.sin_port);
    } else {
        m_listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        const std::string path = socket_path();
        ok = path.size() < sizeof at.sun_path;
        if (ok) {
            std::copy(path.begin(), path.end(), at.sun_path);
        }
        ok = ok && ::bind(m_listener, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    }
    if (!ok || ::listen(m_listener, 16) != 0) {
        throw std::runtime_error("cannot listen");
    }
    m_acceptor = std::thread([this] { accept_clients(); });
}

FakeServer::~FakeServer() {
    ::close(m_stop_write);
    m_acceptor.join();
    for (std::thread& client : m_clients) {
        client.join();
    }
    ::close(m_listener);
    ::close(m_stop_read);
}

std::string FakeServer::socket_path() const { return (m_dir.path() / "fake.sock").string(); }

std::vector<FakeServer::Command> FakeServer::commands() const {
    const std::lock_guard lock(m_mutex);
    return m_commands;
}

std::size_t FakeServer::count(std::string_view name) const {
    const std::lock_guard lock(m_mutex);
    return static_cast<std::size_t>(std::count_if(
        m_commands.begin(), m_commands.end(),
        [&](const Command& command) { return !command.empty() && upper(command[0]) == name; }));
}

std::size_t FakeServer::connections() const {
    const std::lock_guard lock(m_mutex);
    return m_connections;
}

void FakeServer::record(Command command) {
    const std::lock_guard lock(m_mutex);
    m_commands.push_back(std::move(command));
}

void FakeServer::accept_clients() {
    for (;;) {
        std::array<pollfd, 2> ends{{{m_listener, POLLIN, 0}, {m_stop_read, POLLIN, 0}}};
        ::poll(ends.data(), ends.size(), -1);
        if (ends[1].revents != 0) {
            return;
        }
        const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            continue;
        }
        // Replies that are sent one by one do not wait for each other's acknowledgement.
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::size_t number = 0;
        {
            const std::lock_guard lock(m_mutex);
            number = m_connections++;
        }
        const Script& script = m_scripts[std::min(number, m_scripts.size() - 1)];
        m_clients.emplace_back([this, fd, &script] {
            Connection connection(*this, fd);
            try {
                script(connection);
            } catch (const std::runtime_error&) {
                // What is not RESP ends the connection, as a server would.
            }
            connection.finish();
            ::close(fd);
        });
    }
}

FakeServer::Connection::Wake FakeServer::Connection::wait(int timeout_ms, bool for_bytes) {
    if (m_over) {
        return Wake::over;
    }
    std::array<pollfd, 2> ends{
        {{m_server.m_stop_read, POLLIN, 0}, {for_bytes ? m_fd : -1, POLLIN, 0}}};
    const int ready = ::poll(ends.data(), ends.size(), timeout_ms);
    if (ends[0].revents != 0) {
        m_over = true;
    }
    if (m_over) {
        return Wake::over;
    }
    return ready > 0 ? Wake::readable : Wake::elapsed;
}

bool FakeServer::Connection::receive() {
    if (wait(-1, true) == Wake::over) {
        return false;
    }
    std::array<char, 65536> chunk;
    const ssize_t n = ::recv(m_fd, chunk.data(), chunk.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n <= 0) {
        m_over = true;
        return false;
    }
    m_buffer.append(chunk.data(), static_cast<std::size_t>(n));
    return true;
}

std::optional<FakeServer::Command> FakeServer::Connection::parse() {
    std::size_t at = 0;
    const auto count = read_count(m_buffer, at, '*');
    if (!count) {
        return std::nullopt;
    }
    Command command;
    for (std::size_t i = 0; i < *count; ++i) {
        const auto size = read_count(m_buffer, at, '$');
        if (!size || m_buffer.size() < at + *size + 2) {
            return std::nullopt;
        }
        command.push_back(m_buffer.substr(at, *size));
        at += *size + 2;
    }
    m_buffer.erase(0, at);
    return command;
}

std::optional<FakeServer::Command> FakeServer::Connection::read_command() {
    for (;;) {
        if (auto command = parse()) {
            m_server.record(*command);
            return command;
        }
        if (!receive()) {
            return std::nullopt;
        }
    }
}

void FakeServer::Connection::ignore() {
    while (receive()) {
        m_buffer.clear();
    }
}

void FakeServer::Connection::send(std::string_view bytes) {
    while (!bytes.empty() && !m_over) {
        const ssize_t n = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            wait(1, false);
        } else if (errno != EINTR) {
            m_over = true;
        }
    }
}

void FakeServer::Connection::send_slowly(std::string_view bytes,
                                         std::chrono::milliseconds between_bytes) {
    for (std::size_t i = 0; i < bytes.size() && !m_over; ++i) {
        if (i > 0) {
            sleep(between_bytes);
        }
        send(bytes.substr(i, 1));
    }
}

void FakeServer::Connection::sleep(std::chrono::milliseconds duration) {
    wait(static_cast<int>(duration.count()), false);
}

void FakeServer::Connection::reset() {
    // Lingering for 0 s makes the close that follows the script a RST (socket(7)).
    const linger now{1, 0};
    ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    m_over = m_reset = true;
}

void FakeServer::Connection::finish() {
    if (m_reset) {
        return;
    }
    // A close with unread bytes is a RST that may overtake what was sent: end our side first, and
    // read on for a moment.
    ::shutdown(m_fd, SHUT_WR);
    constexpr int k_grace_ms = 50;
    while (wait(k_grace_ms, true) == Wake::readable && receive()) {
        m_buffer.clear();
    }
}

}  // namespace cachectl::test
