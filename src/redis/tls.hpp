// TLS over a connected stream: the server proves who it is before anything is said to it, and
// where it cannot there is no connection. OpenSSL stays behind this header.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "redis/socket.hpp"

struct ssl_ctx_st;

namespace cachectl {

enum class VerifyServer { yes, no };

struct TlsOptions {
    std::string ca_file;      // who may vouch for the server; with ca_folder empty too: the
    std::string ca_folder;    // system's CAs, or those of SSL_CERT_FILE and SSL_CERT_DIR
    std::string certificate;  // of this client, with its chain; empty: none
    std::string key;          // of `certificate`; empty: it stands in the same file
    std::string server_name;  // to ask for and to find in the certificate; empty: the host
    VerifyServer verify = VerifyServer::yes;
};

/// What the TLS connections of one run share. TLS 1.2 at least.
class TlsContext {
public:
    /// Reads the files. Throws Error(usage) that names the flag and the file.
    explicit TlsContext(const TlsOptions& options);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// Shakes hands over `plain`, with the server name of `address`. Throws Error(unreachable)
    /// with what is wrong, also past the deadline, and Error(interrupted) on a signal.
    [[nodiscard]] std::unique_ptr<Stream> shake_hands(
        std::unique_ptr<Stream> plain, const ServerAddress& address,
        std::chrono::steady_clock::time_point deadline) const;

private:
    void trust();
    void identify();

    TlsOptions m_options;
    std::string m_unreadable;  // what SSL_CERT_FILE names, if that is no use: a sentence
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> m_context;
};

}  // namespace cachectl
