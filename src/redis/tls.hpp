// TLS over a connected stream: the server proves who it is before anything is said to it, and
// where it cannot there is no connection. OpenSSL stays behind this header.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "redis/stream.hpp"
#include "redis/uri.hpp"
#include "util/error.hpp"

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

    [[nodiscard]] ssl_ctx_st* get() const { return m_context.get(); }
    [[nodiscard]] const TlsOptions& options() const { return m_options; }
    /// A warning if SSL_CERT_FILE names a file that cannot be used; else empty.
    [[nodiscard]] const std::string& unreadable() const { return m_unreadable; }

private:
    void trust();
    void identify();

    TlsOptions m_options;
    std::string m_unreadable;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> m_context;
};

/// The handshake of one connection, a step at a time.
class TlsHandshake {
public:
    /// Over `plain`, with the server name of `address`. `context` outlives this. Throws Error.
    TlsHandshake(const TlsContext& context, std::unique_ptr<Stream> plain,
                 const ServerAddress& address);
    ~TlsHandshake();
    TlsHandshake(const TlsHandshake&) = delete;
    TlsHandshake& operator=(const TlsHandshake&) = delete;

    [[nodiscard]] int fd() const;
    /// Goes on with it. The poll(2) event that it waits for; nothing when it has succeeded. Throws
    /// Error(unreachable) with what is wrong.
    std::optional<short> step();
    /// What to throw when it takes too long.
    [[nodiscard]] Error timed_out() const;
    /// After its success.
    [[nodiscard]] std::unique_ptr<Stream> take_stream();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace cachectl
