// The part of redis/tls.hpp that makes sure who the server is.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "redis/tls.hpp"
#include "redis/tls_error.hpp"
#include "redis/tls_stream.hpp"
#include "util/error.hpp"

namespace cachectl {

/// What one connection expects of the server's certificate, and what was wrong with it.
struct TlsVerification {
    std::string expected;
    std::optional<TlsFailure> failure;
};

namespace {

int verification_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// Called for each certificate of the chain: the verdict stands, we only keep the reason.
int keep_reason(int verdict, X509_STORE_CTX* context) {
    auto* const ssl = static_cast<SSL*>(
        X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const verification =
        static_cast<TlsVerification*>(SSL_get_ex_data(ssl, verification_index()));
    if (verdict == 0 && verification != nullptr && !verification->failure) {
        verification->failure = certificate_failure(context, verification->expected);
    }
    return verdict;
}

bool is_ip_address(const std::string& host) {
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// The name that the certificate has to have: without the dot at the end of a full name, and
/// without the scope id of an address, neither of which certificates know.
std::string expected_name(const TlsOptions& options, const ServerAddress& address) {
    std::string name = options.server_name.empty() ? address.host : options.server_name;
    if (name.ends_with('.')) {
        name.pop_back();
    }
    if (name.find(':') != std::string::npos) {
        name.erase(std::min(name.find('%'), name.size()));
    }
    return name;
}

void expect(SSL* ssl, const std::string& name) {
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // Server names of addresses are not sent: RFC 6066, section 3.
    // To OpenSSL ".cache.test" is any name below that.
    const bool done = name.starts_with('.') ? false
                      : is_ip_address(name)
                          ? X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1
                          : X509_VERIFY_PARAM_set1_host(rules, name.c_str(), 0) == 1 &&
                                SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
    if (!done) {
        throw Error(ExitCode::usage, "cannot ask for the TLS server name '" + name + "'",
                    "--sni NAME gives another");
    }
}

}  // namespace

struct TlsHandshake::State {
    std::string server;      // what messages call it
    std::string unreadable;  // see TlsContext::unreadable()
    std::unique_ptr<Stream> plain;
    SslPointer ssl;
    TlsVerification verification;

    [[nodiscard]] Error error_of(const TlsFailure& failure) const {
        return {ExitCode::unreachable, "cannot connect to " + server + " with TLS: " + failure.what,
                failure.remedy, server};
    }
};

TlsHandshake::TlsHandshake(const TlsContext& context, std::unique_ptr<Stream> plain,
                           const ServerAddress& address)
    : m_state(new State{address.name(),
                        context.unreadable(),
                        std::move(plain),
                        SslPointer(SSL_new(context.get()), SSL_free),
                        {expected_name(context.options(), address), {}}}) {
    SSL* const ssl = m_state->ssl.get();
    if (ssl == nullptr || SSL_set_fd(ssl, m_state->plain->fd()) != 1) {
        throw m_state->error_of({library_reason(), ""});
    }
    if (context.options().verify == VerifyServer::yes) {
        SSL_set_verify(ssl, SSL_VERIFY_PEER, keep_reason);
    }
    expect(ssl, m_state->verification.expected);
    SSL_set_ex_data(ssl, verification_index(), &m_state->verification);
}

TlsHandshake::~TlsHandshake() = default;

int TlsHandshake::fd() const { return m_state->plain->fd(); }

std::optional<short> TlsHandshake::step() {
    SSL* const ssl = m_state->ssl.get();
    ERR_clear_error();
    errno = 0;
    const int done = SSL_connect(ssl);
    const int system_error = errno;
    if (done == 1) {
        return std::nullopt;
    }
    const int kind = SSL_get_error(ssl, done);
    if (kind == SSL_ERROR_WANT_READ) {
        return short{POLLIN};
    }
    if (kind == SSL_ERROR_WANT_WRITE) {
        return short{POLLOUT};
    }
    if (std::optional<TlsFailure> failure = m_state->verification.failure) {
        if (!m_state->unreadable.empty()) {
            failure->remedy = m_state->unreadable;
        }
        throw m_state->error_of(*failure);
    }
    TlsFailure failure = connection_failure(ssl, done, system_error);
    if (kind != SSL_ERROR_SSL && failure.remedy.empty()) {
        failure.what += ", in the middle of the handshake";
        failure.remedy = "a server that has reached maxclients, or does not speak TLS, does so";
    }
    throw m_state->error_of(failure);
}

Error TlsHandshake::timed_out() const {
    return m_state->error_of({"the handshake did not end in time",
                              "a server that does not speak TLS stays silent like this; "
                              "--connect-timeout waits longer"});
}

std::unique_ptr<Stream> TlsHandshake::take_stream() {
    SSL_set_ex_data(m_state->ssl.get(), verification_index(), nullptr);
    return make_tls_stream(std::move(m_state->plain), std::move(m_state->ssl));
}

}  // namespace cachectl
