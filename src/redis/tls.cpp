#include "redis/tls.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "redis/tls_error.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::steady_clock;
using SslPointer = std::unique_ptr<SSL, decltype(&SSL_free)>;

// The most that one record holds (RFC 8446, section 5.1).
constexpr std::size_t k_record_bytes = Stream::k_least_read_bytes;

/// What one connection expects of the server's certificate, and what was wrong with it.
struct Verification {
    std::string expected;
    std::optional<TlsTrouble> trouble;
};

int verification_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// Called for each certificate of the chain: the verdict stands, we only keep the reason.
int keep_reason(int verdict, X509_STORE_CTX* context) {
    auto* const ssl = static_cast<SSL*>(
        X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const verification =
        static_cast<Verification*>(SSL_get_ex_data(ssl, verification_index()));
    if (verdict == 0 && verification != nullptr && !verification->trouble) {
        verification->trouble = certificate_trouble(context, verification->expected);
    }
    return verdict;
}

/// OpenSSL would ask for the passphrase of a key on the terminal, in the middle of anything.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

class TlsStream : public Stream {
public:
    TlsStream(std::unique_ptr<Stream> plain, SslPointer ssl)
        : m_plain(std::move(plain)), m_ssl(std::move(ssl)) {}
    ~TlsStream() override {
        if (!m_broken) SSL_shutdown(m_ssl.get());
        ERR_clear_error();
    }
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    // Whole records only, and none is begun that might not fit: what OpenSSL keeps back, poll(2)
    // does not see.
    Result read(std::span<char> into) override {
        m_read_event = POLLIN;
        std::size_t taken = 0;
        Status status = Status::ok;
        std::string why;
        while (status == Status::ok && into.size() - taken >= k_record_bytes) {
            std::size_t bytes = 0;
            const int done = begin(SSL_read_ex, into.data() + taken, into.size() - taken, &bytes);
            taken += bytes;
            if (done != 1) status = after(done, m_read_event, why);
        }
        if (status == Status::again && taken != 0) status = Status::ok;
        return {status, taken, std::move(why)};
    }

    Result write(std::string_view bytes) override {
        m_write_event = POLLOUT;
        std::size_t taken = 0;
        Status status = Status::ok;
        std::string why;
        while (status == Status::ok && taken < bytes.size()) {
            std::size_t part = 0;
            const int done = begin(SSL_write_ex, bytes.data() + taken, bytes.size() - taken, &part);
            taken += part;
            if (done != 1) status = after(done, m_write_event, why);
        }
        if (status == Status::again && taken != 0) status = Status::ok;
        if (status == Status::closed)
            return {Status::failed, taken, "connection closed by the server"};
        return {status, taken, std::move(why)};
    }

    [[nodiscard]] int fd() const override { return m_plain->fd(); }
    [[nodiscard]] short read_event() const override { return m_read_event; }
    [[nodiscard]] short write_event() const override { return m_write_event; }

private:
    template <typename Operation, typename Bytes>
    int begin(Operation operation, Bytes bytes, std::size_t size, std::size_t* moved) {
        ERR_clear_error();
        errno = 0;
        return operation(m_ssl.get(), bytes, size, moved);
    }

    /// What an operation that did not succeed means; `event` becomes what it waits for.
    Status after(int result, short& event, std::string& why) {
        const int system_error = errno;
        switch (SSL_get_error(m_ssl.get(), result)) {
            case SSL_ERROR_WANT_READ:
                event = POLLIN;
                return Status::again;
            case SSL_ERROR_WANT_WRITE:
                event = POLLOUT;
                return Status::again;
            case SSL_ERROR_ZERO_RETURN:
                return Status::closed;
            default:
                break;
        }
        m_broken = true;
        const TlsTrouble trouble = connection_trouble(m_ssl.get(), result, system_error);
        why = "TLS: " + trouble.what;
        if (!trouble.remedy.empty()) why += " (" + trouble.remedy + ")";
        return Status::failed;
    }

    std::unique_ptr<Stream> m_plain;
    SslPointer m_ssl;
    short m_read_event = POLLIN;
    short m_write_event = POLLOUT;
    bool m_broken = false;  // nothing more may be said
};

bool is_ip_address(const std::string& host) {
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// The name that the certificate has to have: without the dot at the end of a full name, and
/// without the scope id of an address, neither of which certificates know.
std::string expected_name(const TlsOptions& options, const ServerAddress& address) {
    std::string name = options.server_name.empty() ? address.host : options.server_name;
    if (name.ends_with('.')) name.pop_back();
    if (name.find(':') != std::string::npos) name.erase(std::min(name.find('%'), name.size()));
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

[[noreturn]] void fail(const ServerAddress& address, const TlsTrouble& trouble) {
    throw Error(ExitCode::unreachable,
                "cannot connect to " + address.name() + " with TLS: " + trouble.what,
                trouble.remedy);
}

[[noreturn]] void refuse_file(std::string_view flag, const std::string& path, std::string_view why,
                              std::string hint = {}) {
    throw Error(ExitCode::usage, fmt::format("{}: cannot use {}: {}", flag, path, why),
                std::move(hint));
}

void check_readable(std::string_view flag, const std::string& path) {
    if (::access(path.c_str(), R_OK) != 0) refuse_file(flag, path, std::strerror(errno));
}

/// OpenSSL finds a CA by the hash of its name, and silently none in a folder without such links.
bool has_hashed_names(DIR* folder) {
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        const bool is_hash =
            name.size() >= 10 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8;
        if (is_hash) return true;
    }
    return false;
}

void check_folder(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    if (!folder) refuse_file("--cacertdir", path, std::strerror(errno));
    if (!has_hashed_names(folder.get())) {
        refuse_file("--cacertdir", path, "it has no certificate under its hashed name",
                    "run `openssl rehash` on the folder, or give --cacert FILE");
    }
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options)
    : m_options(options), m_context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (!m_context) throw Error(ExitCode::local_io, "cannot start TLS: " + library_reason());
    SSL_CTX* const context = m_context.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A reply that is cut short is noticed without a word of farewell, which many servers omit.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    ERR_clear_error();
    if (m_options.verify == VerifyServer::yes) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, keep_reason);
    } else {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    }
    trust();
    identify();
}

TlsContext::~TlsContext() = default;

void TlsContext::trust() {
    const std::string& file = m_options.ca_file;
    if (file.empty() && m_options.ca_folder.empty()) {
        SSL_CTX_set_default_verify_paths(m_context.get());
        const char* named = std::getenv(X509_get_default_cert_file_env());
        if (named != nullptr && *named != '\0' && ::access(named, R_OK) != 0)
            m_unreadable =
                fmt::format("{} names {}, which cannot be read: {}",
                            X509_get_default_cert_file_env(), named, std::strerror(errno));
        return;
    }
    // Whoever is named is trusted, also an authority that another one vouches for.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(m_context.get()), X509_V_FLAG_PARTIAL_CHAIN);
    if (!file.empty()) {
        check_readable("--cacert", file);
        if (SSL_CTX_load_verify_file(m_context.get(), file.c_str()) != 1)
            refuse_file("--cacert", file, "it holds no certificate in PEM format");
    }
    if (!m_options.ca_folder.empty()) {
        check_folder(m_options.ca_folder);
        SSL_CTX_load_verify_dir(m_context.get(), m_options.ca_folder.c_str());
    }
}

void TlsContext::identify() {
    const std::string& certificate = m_options.certificate;
    if (certificate.empty()) return;
    check_readable("--cert", certificate);
    if (SSL_CTX_use_certificate_chain_file(m_context.get(), certificate.c_str()) != 1) {
        const bool no_pem = ERR_GET_REASON(ERR_peek_error()) == PEM_R_NO_START_LINE;
        refuse_file("--cert", certificate,
                    no_pem ? "it holds no certificate in PEM format" : library_reason());
    }
    const bool apart = !m_options.key.empty();
    const std::string& key = apart ? m_options.key : certificate;
    if (apart) check_readable("--cert-key", key);
    bool is_encrypted = false;
    SSL_CTX_set_default_passwd_cb(m_context.get(), refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(m_context.get(), &is_encrypted);
    ERR_clear_error();
    const int done = SSL_CTX_use_PrivateKey_file(m_context.get(), key.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(m_context.get(), nullptr);
    if (done == 1) return;
    if (is_encrypted)
        refuse_file("--cert-key", key, "the key is encrypted with a passphrase",
                    "`openssl pkey -in ENCRYPTED -out PLAIN` decrypts it; guard that file well");
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH)
        refuse_file("--cert-key", key, "it is the key of another certificate than --cert's");
    if (apart) refuse_file("--cert-key", key, "it holds no private key in PEM format");
    refuse_file("--cert", key, "it holds a certificate, but not its private key",
                "--cert-key FILE gives the key");
}

std::unique_ptr<Stream> TlsContext::shake_hands(std::unique_ptr<Stream> plain,
                                                const ServerAddress& address,
                                                Clock::time_point deadline) const {
    SslPointer ssl(SSL_new(m_context.get()), SSL_free);
    if (!ssl || SSL_set_fd(ssl.get(), plain->fd()) != 1) fail(address, {library_reason(), ""});
    Verification verification{expected_name(m_options, address), {}};
    expect(ssl.get(), verification.expected);
    SSL_set_ex_data(ssl.get(), verification_index(), &verification);
    while (true) {
        ERR_clear_error();
        errno = 0;
        const int done = SSL_connect(ssl.get());
        const int system_error = errno;
        if (done == 1) break;
        const int kind = SSL_get_error(ssl.get(), done);
        if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
            const short event = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
            if (wait_for(plain->fd(), event, deadline)) continue;
            fail(address, {"the handshake did not end in time",
                           "a server that does not speak TLS stays silent like this; "
                           "--connect-timeout waits longer"});
        }
        if (verification.trouble && !m_unreadable.empty())
            verification.trouble->remedy = m_unreadable;
        if (verification.trouble) fail(address, *verification.trouble);
        TlsTrouble trouble = connection_trouble(ssl.get(), done, system_error);
        if (kind != SSL_ERROR_SSL && trouble.remedy.empty()) {
            trouble.what += ", in the middle of the handshake";
            trouble.remedy = "a server that has reached maxclients, or does not speak TLS, does so";
        }
        fail(address, trouble);
    }
    SSL_set_ex_data(ssl.get(), verification_index(), nullptr);
    return std::make_unique<TlsStream>(std::move(plain), std::move(ssl));
}

}  // namespace cachectl
