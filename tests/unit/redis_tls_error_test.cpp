#include "redis/tls_error.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

using namespace cachectl;

namespace {

template <typename Object, void (*release)(Object*)>
struct Released {
    void operator()(Object* object) const { release(object); }
};
template <typename Object, void (*release)(Object*)>
using Owned = std::unique_ptr<Object, Released<Object, release>>;

/// A certificate, and a verification that rejects it.
struct Rejected {
    Rejected() {
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
        X509_STORE_CTX_init(verification.get(), nullptr, nullptr, nullptr);
    }
    void subject(const std::string& name) {
        name_in(X509_get_subject_name(certificate.get()), name);
    }
    void issuer(const std::string& name) { name_in(X509_get_issuer_name(certificate.get()), name); }
    void alternatives(const std::string& list) {
        const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, list.c_str()));
        REQUIRE(extension != nullptr);
        X509_add_ext(certificate.get(), extension.get(), -1);
    }
    [[nodiscard]] std::string failure(int error, int depth = 0, const std::string& expected = "h") {
        X509_STORE_CTX_set_error(verification.get(), error);
        X509_STORE_CTX_set_error_depth(verification.get(), depth);
        X509_STORE_CTX_set_current_cert(verification.get(), certificate.get());
        return certificate_failure(verification.get(), expected).what;
    }

    Owned<X509, X509_free> certificate{X509_new()};
    Owned<X509_STORE_CTX, X509_STORE_CTX_free> verification{X509_STORE_CTX_new()};

private:
    static void name_in(X509_NAME* name, const std::string& text) {
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Rejected, "a certificate of another server says whose it is") {
    CHECK(failure(X509_V_ERR_HOSTNAME_MISMATCH) ==
          "its certificate is for no name at all, not for h");
    subject("subject.example");
    CHECK(failure(X509_V_ERR_HOSTNAME_MISMATCH) ==
          "its certificate is for subject.example, not for h");
    CHECK(failure(X509_V_ERR_IP_ADDRESS_MISMATCH, 0, "subject.example") ==
          "its certificate has subject.example only as a name, and not as an address");
    alternatives("DNS:a.example, IP:10.0.0.1, IP:2001:db8::1, email:x@y.z");
    CHECK(failure(X509_V_ERR_HOSTNAME_MISMATCH) ==
          "its certificate is for a.example, 10.0.0.1, 2001:db8::1, not for h");
}

TEST_CASE_FIXTURE(Rejected, "of many names the first are told") {
    alternatives("DNS:1,DNS:2,DNS:3,DNS:4,DNS:5,DNS:6,DNS:7,DNS:8,DNS:9,DNS:10");
    CHECK(failure(X509_V_ERR_HOSTNAME_MISMATCH) ==
          "its certificate is for 1, 2, 3, 4, 5, 6, 7, 8 and 2 more, not for h");
}

TEST_CASE_FIXTURE(Rejected, "who has signed a certificate that is not trusted") {
    for (const int error :
         {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
          X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
          X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE}) {
        CHECK(
            failure(error) ==
            "its certificate is signed by an authority without a name, which is not trusted here");
    }
    issuer("Our CA");
    CHECK(failure(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) ==
          "its certificate is signed by 'Our CA', which is not trusted here");
    CHECK(failure(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) ==
          "its certificate is signed by itself and not trusted here");
}

TEST_CASE_FIXTURE(Rejected, "dates, of the certificate or of one on which it depends") {
    subject("Our CA");
    ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "20240501120000Z");
    CHECK(failure(X509_V_ERR_CERT_HAS_EXPIRED) ==
          "its certificate expired on 2024-05-01 12:00:00Z");
    CHECK(failure(X509_V_ERR_CERT_HAS_EXPIRED, 1) ==
          "the certificate of 'Our CA', on which its own depends, expired on 2024-05-01 12:00:00Z");
    ASN1_STRING_set(X509_getm_notBefore(certificate.get()), "soon", 4);
    CHECK(failure(X509_V_ERR_CERT_NOT_YET_VALID) ==
          "its certificate is not valid before an unreadable date");
    CHECK(failure(X509_V_ERR_CERT_REVOKED) ==
          "its certificate is not acceptable: certificate revoked");
}

TEST_CASE_FIXTURE(Rejected, "a verification that fails before there is a certificate") {
    X509_STORE_CTX_set_error(verification.get(), X509_V_ERR_OUT_OF_MEM);
    X509_STORE_CTX_set_error_depth(verification.get(), 1);
    CHECK(certificate_failure(verification.get(), "h").what == "out of memory");
}

TEST_CASE("what OpenSSL gives no reason for") {
    ERR_clear_error();
    CHECK(library_reason() == "no reason given");
    ERR_put_error(ERR_LIB_SYS, 0, ENOENT, __FILE__, __LINE__);
    CHECK(library_reason() == "No such file or directory");
    ERR_clear_error();
}
