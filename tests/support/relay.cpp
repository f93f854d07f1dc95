// The part of fake_server.hpp that stands between a client and a real server.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "support/fake_server.hpp"

namespace cachectl::test {

namespace {

class Upstream {
public:
    explicit Upstream(std::uint16_t port) : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        at.sin_port = htons(port);
        if (::connect(m_fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
            ::close(m_fd);
            throw std::runtime_error("the relay's server does not answer");
        }
    }
    ~Upstream() { ::close(m_fd); }
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    [[nodiscard]] int fd() const { return m_fd; }
    [[nodiscard]] bool send_all(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t n = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

private:
    int m_fd;
};

}  // namespace

void FakeServer::Connection::pass_on(std::uint16_t port, const Relay& relay) {
    const Upstream server(port);
    std::size_t left = relay.cut_after.value_or(std::string::npos);
    std::array<char, 65536> bytes;
    while (!m_over && left > 0) {
        std::array<pollfd, 3> ends{
            {{m_server.m_stop_read, POLLIN, 0}, {m_fd, POLLIN, 0}, {server.fd(), POLLIN, 0}}};
        ::poll(ends.data(), ends.size(), -1);
        if (ends[0].revents != 0) {
            return;
        }
        if (ends[1].revents != 0) {
            if (!receive() || !server.send_all(m_buffer)) {
                return;
            }
            if (relay.from_client != nullptr) {
                relay.from_client->append(m_buffer);
            }
            if (relay.writes != nullptr) {
                ++*relay.writes;
            }
            m_buffer.clear();
            if (relay.client_pause.count() != 0) {
                sleep(relay.client_pause);
            }
        }
        if (ends[2].revents != 0) {
            const std::size_t most = std::min({bytes.size(), relay.chunk, left});
            const ssize_t n = ::recv(server.fd(), bytes.data(), most, 0);
            if (n <= 0) {
                return;
            }
            send({bytes.data(), static_cast<std::size_t>(n)});
            left -= static_cast<std::size_t>(n);
            if (relay.from_server != nullptr) {
                *relay.from_server += static_cast<std::size_t>(n);
            }
            if (relay.pause.count() != 0) {
                sleep(relay.pause);
            }
        }
    }
}

FakeServer::Script pass_on(std::uint16_t port, Relay relay) {
    return [=](FakeServer::Connection& connection) { connection.pass_on(port, relay); };
}

}  // namespace cachectl::test
