#include "redis/tls.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "redis/tls_error.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

/// OpenSSL would ask for the passphrase of a key on the terminal, in the middle of anything.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

[[noreturn]] void refuse_file(std::string_view flag, const std::string& path, std::string_view why,
                              std::string hint = {}) {
    throw Error(ExitCode::usage, fmt::format("{}: cannot use {}: {}", flag, path, why),
                std::move(hint));
}

void check_readable(std::string_view flag, const std::string& path) {
    if (::access(path.c_str(), R_OK) != 0) {
        refuse_file(flag, path, std::strerror(errno));
    }
}

/// OpenSSL finds a CA by the hash of its name, and silently none in a folder without such links.
bool has_hashed_names(DIR* folder) {
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        const bool is_hash =
            name.size() >= 10 && name[8] == '.' && name.find_first_not_of("0123456789abcdef") == 8;
        if (is_hash) {
            return true;
        }
    }
    return false;
}

void check_folder(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    if (!folder) {
        refuse_file("--cacertdir", path, std::strerror(errno));
    }
    if (!has_hashed_names(folder.get())) {
        refuse_file("--cacertdir", path, "it has no certificate under its hashed name",
                    "run `openssl rehash` on the folder, or give --cacert FILE");
    }
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options)
    : m_options(options), m_context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (!m_context) {
        throw Error(ExitCode::local_io, "cannot start TLS: " + library_reason());
    }
    SSL_CTX* const context = m_context.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A reply that is cut short is noticed without a close_notify alert, which many servers omit.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    ERR_clear_error();
    trust();
    identify();
}

TlsContext::~TlsContext() = default;

void TlsContext::trust() {
    const std::string& file = m_options.ca_file;
    if (file.empty() && m_options.ca_folder.empty()) {
        SSL_CTX_set_default_verify_paths(m_context.get());
        const char* named = std::getenv(X509_get_default_cert_file_env());
        if (named != nullptr && *named != '\0' && ::access(named, R_OK) != 0) {
            m_unreadable =
                fmt::format("{} names {}, which cannot be read: {}",
                            X509_get_default_cert_file_env(), named, std::strerror(errno));
        }
        return;
    }
    // Whoever is named is trusted, also an authority that another one vouches for.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(m_context.get()), X509_V_FLAG_PARTIAL_CHAIN);
    if (!file.empty()) {
        check_readable("--cacert", file);
        if (SSL_CTX_load_verify_file(m_context.get(), file.c_str()) != 1) {
            refuse_file("--cacert", file, "it holds no certificate in PEM format");
        }
    }
    if (!m_options.ca_folder.empty()) {
        check_folder(m_options.ca_folder);
        SSL_CTX_load_verify_dir(m_context.get(), m_options.ca_folder.c_str());
    }
}

void TlsContext::identify() {
    const std::string& certificate = m_options.certificate;
    if (certificate.empty()) {
        return;
    }
    check_readable("--cert", certificate);
    if (SSL_CTX_use_certificate_chain_file(m_context.get(), certificate.c_str()) != 1) {
        const bool no_pem = ERR_GET_REASON(ERR_peek_error()) == PEM_R_NO_START_LINE;
        refuse_file("--cert", certificate,
                    no_pem ? "it holds no certificate in PEM format" : library_reason());
    }
    const bool apart = !m_options.key.empty();
    const std::string& key = apart ? m_options.key : certificate;
    if (apart) {
        check_readable("--cert-key", key);
    }
    bool is_encrypted = false;
    SSL_CTX_set_default_passwd_cb(m_context.get(), refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(m_context.get(), &is_encrypted);
    ERR_clear_error();
    const int done = SSL_CTX_use_PrivateKey_file(m_context.get(), key.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(m_context.get(), nullptr);
    if (done == 1) {
        return;
    }
    if (is_encrypted) {
        refuse_file("--cert-key", key, "the key is encrypted with a passphrase",
                    "`openssl pkey -in ENCRYPTED -out PLAIN` decrypts it; guard that file well");
    }
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH) {
        refuse_file("--cert-key", key, "it is the key of another certificate than --cert's");
    }
    if (apart) {
        refuse_file("--cert-key", key, "it holds no private key in PEM format");
    }
    refuse_file("--cert", key, "it holds a certificate, but not its private key",
                "--cert-key FILE gives the key");
}

}  // namespace cachectl
