#include "support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace cachectl::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void require(bool done, const char* what) {
    if (!done) {
        throw std::runtime_error(std::string("certificates: cannot ") + what);
    }
}

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    require(extension != nullptr, "make an extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate make_certificate(const CertificateWish& wish, int serial, EVP_PKEY* key) {
    Certificate certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    const auto seconds = [](std::chrono::hours hours) {
        return static_cast<long>(std::chrono::seconds(hours).count());
    };
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), seconds(wish.begins));
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds(wish.ends));
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1,
                               0);
    std::string alternatives;
    for (const std::string& name : wish.alternatives) {
        alternatives += (alternatives.empty() ? "" : ",") + name;
    }
    if (!alternatives.empty()) {
        add_extension(certificate.get(), nullptr, NID_subject_alt_name, alternatives);
    }
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    require(X509_sign(certificate, key, EVP_sha256()) != 0, "sign");
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& name)
    : m_key(make_key()), m_certificate(nullptr, X509_free) {
    m_certificate = make_certificate({name, {}}, ++m_serial, m_key.get());
    add_extension(m_certificate.get(), m_certificate.get(), NID_basic_constraints,
                  "critical,CA:TRUE");
    sign(m_certificate.get(), m_certificate.get(), m_key.get());
    m_files = store(m_certificate.get(), m_key.get());
}

CertificateAuthority::~CertificateAuthority() = default;

std::string CertificateAuthority::folder() const {
    const auto folder = m_dir.path() / "hashed";
    std::filesystem::create_directories(folder);
    char name[16];
    std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(m_certificate.get()));
    std::filesystem::copy_file(file(), folder / name,
                               std::filesystem::copy_options::overwrite_existing);
    return folder.string();
}

CertificateFiles CertificateAuthority::issue(const CertificateWish& wish) {
    const Key key = make_key();
    const Certificate certificate = make_certificate(wish, ++m_serial, key.get());
    sign(certificate.get(), m_certificate.get(), m_key.get());
    return store(certificate.get(), key.get());
}

CertificateFiles CertificateAuthority::self_signed(const CertificateWish& wish) {
    const Key key = make_key();
    const Certificate certificate = make_certificate(wish, ++m_serial, key.get());
    sign(certificate.get(), certificate.get(), key.get());
    return store(certificate.get(), key.get());
}

CertificateFiles CertificateAuthority::store(X509* certificate, EVP_PKEY* key) {
    const std::string stem = (m_dir.path() / std::to_string(m_serial)).string();
    CertificateFiles files{stem + ".crt", stem + ".key"};
    const File certificate_file(std::fopen(files.certificate.c_str(), "w"), std::fclose);
    require(certificate_file && PEM_write_X509(certificate_file.get(), certificate) == 1,
            "write a certificate");
    const File key_file(std::fopen(files.key.c_str(), "w"), std::fclose);
    require(key_file && PEM_write_PrivateKey(key_file.get(), key, nullptr, nullptr, 0, nullptr,
                                             nullptr) == 1,
            "write a key");
    return files;
}

std::string CertificateAuthority::encrypted_key(const CertificateFiles& files) {
    const File plain(std::fopen(files.key.c_str(), "r"), std::fclose);
    require(plain != nullptr, "open a key");
    const Key key(PEM_read_PrivateKey(plain.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::string path = files.key + ".encrypted";
    const File file(std::fopen(path.c_str(), "w"), std::fclose);
    const auto* passphrase = reinterpret_cast<const unsigned char*>("secret");
    require(file && key &&
                PEM_write_PrivateKey(file.get(), key.get(), EVP_aes_128_cbc(), passphrase, 6,
                                     nullptr, nullptr) == 1,
            "write an encrypted key");
    return path;
}

}  // namespace cachectl::test
