// A redis-server that speaks TLS with a certificate that the test has made.
#pragma once

#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/redis_server.hpp"

namespace cachectl::test {

/// What redis-server has to be told to speak TLS; it trusts `authority` for clients' certificates,
/// and does not ask for any unless `extra` says "--tls-auth-clients yes".
inline std::vector<std::string> tls_arguments(const CertificateFiles& files,
                                              const CertificateAuthority& authority,
                                              const std::vector<std::string>& extra = {}) {
    std::vector<std::string> arguments{
        "--tls-cert-file",    files.certificate, "--tls-key-file",     files.key,
        "--tls-ca-cert-file", authority.file(),  "--tls-auth-clients", "no"};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    return arguments;
}

inline std::string tls_url(const RedisServer& server, const std::string& host = "localhost") {
    return "rediss://" + host + ":" + std::to_string(server.port());
}

}  // namespace cachectl::test
