#include "support/tls_proxy.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace cachectl::test {

namespace {

constexpr int k_look_up_ms = 20;  // how often a thread that waits sees that the test is over

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

using Session = std::unique_ptr<SSL, void (*)(SSL*)>;

/// What the client has sent until now goes to the server; false when either has gone.
bool carry_to_server(SSL* client, int server) {
    std::array<char, 16384> bytes;
    do {
        const int n = SSL_read(client, bytes.data(), static_cast<int>(bytes.size()));
        if (n <= 0 || !send_all(server, {bytes.data(), static_cast<std::size_t>(n)})) {
            return false;
        }
    } while (SSL_pending(client) > 0);
    return true;
}

bool carry_to_client(int server, SSL* client) {
    std::array<char, 16384> bytes;
    const ssize_t n = ::recv(server, bytes.data(), bytes.size(), 0);
    return n > 0 && SSL_write(client, bytes.data(), static_cast<int>(n)) > 0;
}

}  // namespace

TlsProxy::TlsProxy(const CertificateFiles& files, std::uint16_t plain_port)
    : m_context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), m_plain_port(plain_port) {
    if (SSL_CTX_use_certificate_chain_file(m_context.get(), files.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(m_context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error("the proxy's certificate cannot be used");
    }
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(m_listener, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&at), &size) != 0 ||
        ::listen(m_listener, 16) != 0) {
        throw std::runtime_error("cannot listen");
    }
    m_port = ntohs(at.sin_port);
    m_acceptor = std::thread([this] { accept_clients(); });
}

TlsProxy::~TlsProxy() {
    m_over = true;
    m_acceptor.join();
    for (std::thread& client : m_clients) {
        client.join();
    }
    ::close(m_listener);
}

void TlsProxy::accept_clients() {
    while (!m_over) {
        pollfd end{m_listener, POLLIN, 0};
        if (::poll(&end, 1, k_look_up_ms) <= 0) {
            continue;
        }
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) {
            m_clients.emplace_back([this, client] {
                carry(client);
                ::close(client);
            });
        }
    }
}

void TlsProxy::carry(int client) {
    // A client that says nothing does not hold up the end of the test.
    const timeval patience{10, 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const Session session(SSL_new(m_context.get()), SSL_free);
    SSL_set_fd(session.get(), client);
    if (SSL_accept(session.get()) != 1) {
        return;
    }
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = loopback(m_plain_port);
    bool goes_on = ::connect(server, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    while (goes_on && !m_over) {
        std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
        if (::poll(ends.data(), ends.size(), k_look_up_ms) <= 0) {
            continue;
        }
        if (ends[0].revents != 0) {
            goes_on = carry_to_server(session.get(), server);
        }
        if (goes_on && ends[1].revents != 0) {
            goes_on = carry_to_client(server, session.get());
        }
    }
    SSL_shutdown(session.get());
    ::close(server);
}

}  // namespace cachectl::test
