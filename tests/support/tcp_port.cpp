#include "support/tcp_port.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>

namespace cachectl::test {

namespace {

// Below the ports that Linux gives to outgoing connections: ip_local_port_range in tcp(7), which
// begins at 32768.
constexpr std::uint16_t k_first = 15000;
constexpr std::uint16_t k_last = 32000;

class Socket {
public:
    explicit Socket(int family) : m_fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int fd() const { return m_fd; }
    /** It stays open until the process ends. */
    void keep() { m_fd = -1; }

private:
    int m_fd;
};

bool can_listen(std::uint16_t port) {
    const Socket socket(AF_INET);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/** An abstract address of unix(7) can be bound once, and is free again when the process ends. */
bool reserve(std::uint16_t port) {
    Socket socket(AF_UNIX);
    const std::string name = "cachectl test port " + std::to_string(port);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        return false;
    }
    socket.keep();
    return true;
}

}  // namespace

std::uint16_t free_tcp_port() {
    static std::mt19937 random{std::random_device{}()};
    constexpr int k_attempts = 1000;
    for (int attempt = 0; attempt < k_attempts; ++attempt) {
        const auto port = std::uniform_int_distribution<std::uint16_t>(k_first, k_last)(random);
        if (reserve(port) && can_listen(port)) {
            return port;
        }
    }
    throw std::runtime_error("no free TCP port on 127.0.0.1");
}

}  // namespace cachectl::test
