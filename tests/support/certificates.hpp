// Certificates that a test makes for itself: an authority, and what it signs.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

struct evp_pkey_st;
struct x509_st;

namespace cachectl::test {

struct CertificateWish {
    std::string name = "localhost";         // common name
    std::vector<std::string> alternatives;  // "DNS:cache.test", "IP:127.0.0.1"
    std::chrono::hours begins{-24};         // from now
    std::chrono::hours ends{24};
};

/// A certificate and its key, both in PEM files.
struct CertificateFiles {
    std::string certificate;
    std::string key;
};

/// Each throws std::runtime_error when OpenSSL does not do it.
class CertificateAuthority {
public:
    explicit CertificateAuthority(const std::string& name = "Test Authority");
    ~CertificateAuthority();
    CertificateAuthority(const CertificateAuthority&) = delete;
    CertificateAuthority& operator=(const CertificateAuthority&) = delete;

    /// The authority's own certificate, to be trusted.
    [[nodiscard]] const std::string& file() const { return m_files.certificate; }
    /// The same in a folder, under the hash of its name.
    [[nodiscard]] std::string folder() const;
    [[nodiscard]] CertificateFiles issue(const CertificateWish& wish);
    /// One that nobody else vouches for.
    [[nodiscard]] CertificateFiles self_signed(const CertificateWish& wish);
    /// The key of `files`, encrypted with a passphrase.
    [[nodiscard]] std::string encrypted_key(const CertificateFiles& files);
    [[nodiscard]] const TempDir& dir() const { return m_dir; }

private:
    using Key = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
    using Certificate = std::unique_ptr<x509_st, void (*)(x509_st*)>;
    CertificateFiles store(x509_st* certificate, evp_pkey_st* key);

    TempDir m_dir;
    int m_serial = 0;
    Key m_key;
    Certificate m_certificate;
    CertificateFiles m_files;
};

}  // namespace cachectl::test
