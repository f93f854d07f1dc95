// A loopback port behind which nobody is.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace cachectl::test {

/// It is bound, and on request listened on, by nobody who accepts.
class DeafPort {
public:
    enum class State { refuses, swallows_syns };

    explicit DeafPort(State state) : m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        m_address.sin_family = AF_INET;
        m_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof m_address;
        if (::bind(m_listener, reinterpret_cast<sockaddr*>(&m_address), size) != 0 ||
            ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&m_address), &size) != 0) {
            throw std::runtime_error("no free port");
        }
        if (state == State::swallows_syns) {
            fill_backlog();
        }
    }
    ~DeafPort() {
        for (const int fd : m_clients) {
            ::close(fd);
        }
        ::close(m_listener);
    }
    DeafPort(const DeafPort&) = delete;
    DeafPort& operator=(const DeafPort&) = delete;

    [[nodiscard]] std::uint16_t port() const { return ntohs(m_address.sin_port); }

private:
    /// Linux drops a SYN when the queue of connections that wait for accept(2) is full.
    void fill_backlog() {
        ::listen(m_listener, 0);
        for (int i = 0; i < 64; ++i) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            m_clients.push_back(fd);
            const auto* to = reinterpret_cast<const sockaddr*>(&m_address);
            if (::connect(fd, to, sizeof m_address) == 0) {
                continue;
            }
            pollfd connected{fd, POLLOUT, 0};
            if (::poll(&connected, 1, 200) == 0) {
                return;
            }
        }
        throw std::runtime_error("the backlog does not fill");
    }

    int m_listener;
    sockaddr_in m_address{};
    std::vector<int> m_clients;
};

}  // namespace cachectl::test
