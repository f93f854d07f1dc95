#include "config/tls_settings.hpp"

#include <fmt/format.h>

#include "util/error.hpp"

namespace cachectl {

namespace {

/// A flag for TLS says that the user believes in an encrypted connection.
void check_tls_is_on(const ServerAddress& address, const char* flag) {
    if (address.uses_tls()) {
        return;
    }
    throw Error(ExitCode::usage, fmt::format("{} means nothing without TLS", flag),
                "--tls, or rediss:// in the URL, encrypts the connection");
}

}  // namespace

void apply_tls_flags(const ConnectionFlags& flags, Settings& settings) {
    ServerAddress& address = settings.address;
    TlsOptions& tls = settings.tls;
    if (flags.tls && !address.socket_path.empty()) {
        throw Error(ExitCode::usage, "--tls: a Unix socket is not encrypted",
                    "the server listens for TLS on a TCP port: -h HOST -p PORT");
    }
    address.tls = address.tls || flags.tls;
    const auto set = [&](const std::optional<std::string>& value, const char* name,
                         const char* part, std::string& into) {
        if (!value) {
            return;
        }
        check_tls_is_on(address, name);
        into = *value;
        settings.sources[part] = name;
    };
    set(flags.cacert, "--cacert", "cacert", tls.ca_file);
    set(flags.cacertdir, "--cacertdir", "cacertdir", tls.ca_folder);
    if (flags.cert) {
        tls.key.clear();  // of the context's certificate
    }
    set(flags.cert, "--cert", "cert", tls.certificate);
    set(flags.cert_key, "--cert-key", "cert_key", tls.key);
    set(flags.sni, "--sni", "sni", tls.server_name);
    if (flags.cert_key && tls.certificate.empty()) {
        throw Error(ExitCode::usage, "--cert-key is the key of a certificate",
                    "--cert FILE names that");
    }
    if (flags.tls) {
        settings.sources["tls"] = "--tls";
    }
    if (flags.insecure) {
        check_tls_is_on(address, "--insecure");
        settings.sources["insecure"] = "--insecure";
        tls.verify = VerifyServer::no;
    }
    if (address.uses_tls() && tls.verify == VerifyServer::no) {
        settings.warnings.push_back(
            fmt::format("{} is not asked to prove who it is (insecure): whoever is on the way can "
                        "read and change everything",
                        address.name()));
    }
}

}  // namespace cachectl
