#include "redis/tls_error.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

namespace cachectl {

namespace {

constexpr std::size_t k_names_shown = 8;

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return "an unreadable date";
    }
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
    return text;
}

std::string text_of(const ASN1_STRING* string) {
    const unsigned char* bytes = ASN1_STRING_get0_data(string);
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string common_name(const X509_NAME* name) {
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) {
        return {};
    }
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string issuer_text(const X509* certificate) {
    const std::string name = common_name(X509_get_issuer_name(certificate));
    return name.empty() ? "an authority without a name" : "'" + name + "'";
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
    const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
    char text[INET6_ADDRSTRLEN] = "an unreadable address";
    ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text);
    return text;
}

/// The names and addresses that the certificate is for; its subject where it lists none.
std::vector<std::string> names_of(X509* certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> listed(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    const int count = listed ? sk_GENERAL_NAME_num(listed.get()) : 0;
    for (int i = 0; i < count; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(listed.get(), i);
        if (name->type == GEN_DNS) {
            names.push_back(text_of(name->d.dNSName));
        }
        if (name->type == GEN_IPADD) {
            names.push_back(address_text(name->d.iPAddress));
        }
    }
    if (names.empty()) {
        names.push_back(common_name(X509_get_subject_name(certificate)));
    }
    return names;
}

std::string names_text(std::vector<std::string> names) {
    if (names.front().empty()) {
        return "no name at all";
    }
    const std::size_t more = names.size() - std::min(names.size(), k_names_shown);
    names.resize(names.size() - more);
    return fmt::format("{}{}", fmt::join(names, ", "),
                       more == 0 ? "" : fmt::format(" and {} more", more));
}

TlsFailure wrong_name(X509* certificate, const std::string& expected) {
    const std::vector<std::string> names = names_of(certificate);
    // It is there, but as its subject's common name or as a host name.
    if (std::find(names.begin(), names.end(), expected) != names.end()) {
        return {
            fmt::format("its certificate has {} only as a name, and not as an address", expected),
            "an address counts where the certificate lists it as subjectAltName IP; or --sni "
            "NAME says which name to expect"};
    }
    return {fmt::format("its certificate is for {}, not for {}", names_text(names), expected),
            "connect by a name that it has, or --sni NAME says which one to expect"};
}

TlsFailure unknown_authority(const X509* certificate) {
    return {fmt::format("its certificate is signed by {}, which is not trusted here",
                        issuer_text(certificate)),
            "--cacert FILE names the authority to trust; or the server does not send the "
            "certificates between its own and that authority's"};
}

struct Alert {
    int reason;
    const char* what;
    const char* remedy;
};

constexpr const char* k_give_certificate = "--cert FILE and --cert-key FILE give one";
constexpr const char* k_refused_certificate = "see --cert and --cert-key, and the server's log";

// What the other side says (RFC 8446, section 6), and what a peer that means something else says.
constexpr Alert k_alerts[] = {
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "it wants a client certificate", k_give_certificate},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "it does not accept the client certificate",
     k_refused_certificate},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "it does not know who signed the client certificate",
     k_refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the client certificate has expired",
     k_refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the client certificate has been revoked",
     k_refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "it does not accept the client certificate",
     k_refused_certificate},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "it does not accept this kind of certificate",
     k_refused_certificate},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "it does not let this client in", k_refused_certificate},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "it broke off the handshake",
     "it may want a client certificate (--cert and --cert-key), or have no cipher in common with "
     "us"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "it has no certificate for the name that was asked for",
     "--sni NAME asks for another"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it does not speak TLS 1.2 or later", ""},
    {SSL_R_UNSUPPORTED_PROTOCOL, "it does not speak TLS 1.2 or later", ""},
    {SSL_R_WRONG_VERSION_NUMBER, "the server answered, but not in TLS",
     "if it is meant to be without: redis:// instead of rediss://, and no --tls"},
};

}  // namespace

TlsFailure certificate_failure(X509_STORE_CTX* verification, const std::string& expected) {
    X509* const certificate = X509_STORE_CTX_get_current_cert(verification);
    const int error = X509_STORE_CTX_get_error(verification);
    const bool is_own = X509_STORE_CTX_get_error_depth(verification) == 0;
    const std::string whose =
        is_own || certificate == nullptr
            ? "its certificate"
            : fmt::format("the certificate of '{}', on which its own depends,",
                          common_name(X509_get_subject_name(certificate)));
    if (certificate == nullptr) {
        return {X509_verify_cert_error_string(error), ""};
    }
    switch (error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return {
                fmt::format("{} expired on {}", whose, time_text(X509_get0_notAfter(certificate))),
                "the server needs a new one; or the clock of this machine is wrong"};
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return {fmt::format("{} is not valid before {}", whose,
                                time_text(X509_get0_notBefore(certificate))),
                    "is the clock of this machine right?"};
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return {"its certificate is signed by itself and not trusted here",
                    "--cacert FILE with that certificate trusts it"};
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return unknown_authority(certificate);
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return wrong_name(certificate, expected);
        default:
            return {fmt::format("{} is not acceptable: {}", whose,
                                X509_verify_cert_error_string(error)),
                    ""};
    }
}

std::string library_reason() {
    const unsigned long error = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(error)) {
        return std::strerror(ERR_GET_REASON(error));
    }
    const char* reason = ERR_reason_error_string(error);
    return reason == nullptr ? "no reason given" : reason;
}

TlsFailure connection_failure(const SSL* connection, int result, int system_error) {
    const int kind = SSL_get_error(connection, result);
    if (kind == SSL_ERROR_SYSCALL && system_error != 0) {
        return {std::strerror(system_error), ""};
    }
    if (kind != SSL_ERROR_SSL) {
        return {"connection closed by the server", ""};
    }
    const unsigned long error = ERR_peek_error();
    const int reason = ERR_GET_REASON(error);
    const auto* const known =
        std::find_if(std::begin(k_alerts), std::end(k_alerts),
                     [&](const Alert& alert) { return alert.reason == reason; });
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && known != std::end(k_alerts)) {
        return {known->what, known->remedy};
    }
    return {library_reason(), ""};
}

}  // namespace cachectl
