// A proxy that ends TLS, as stunnel does, and carries what is said to a plain server on 127.0.0.1.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "support/certificates.hpp"

struct ssl_ctx_st;

namespace cachectl::test {

class TlsProxy {
public:
    /// Throws std::runtime_error when the certificate cannot be used or nothing can be listened on.
    TlsProxy(const CertificateFiles& files, std::uint16_t plain_port);
    /// Ends all connections.
    ~TlsProxy();
    TlsProxy(const TlsProxy&) = delete;
    TlsProxy& operator=(const TlsProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }

private:
    void accept_clients();
    void carry(int client);

    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> m_context;
    std::uint16_t m_plain_port;
    std::uint16_t m_port = 0;
    int m_listener = -1;
    std::atomic<bool> m_over{false};
    std::vector<std::thread> m_clients;
    std::thread m_acceptor;
};

}  // namespace cachectl::test
