// Which server is meant, and as whom: out of flags, variables and the context, see
// config/settings.hpp for the order.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "util/error.hpp"

namespace cachectl {

/// The server that a context names; `source` is what messages call it.
struct ContextServer {
    ServerAddress address;
    TlsOptions tls;
    std::string source;
    bool is_chosen = false;  // by --context, and not by a variable or as the default
};

/// Fills Settings from the lowest place that is needed to the highest, so that each overwrites the
/// one before. What is overridden is not parsed.
class ServerSettings {
public:
    ServerSettings(const ConnectionFlags& flags, const Environment& environment, Settings& settings)
        : m_flags(flags), m_environment(environment), m_settings(settings) {}

    /// Throws Error(usage) that names the flag or the variable.
    void resolve(const std::optional<ContextServer>& context);

    /// REDISCLI_AUTH, where nothing else gives a password; and what belongs to another server and
    /// is therefore not used becomes a warning. After the passwords of flags.
    void finish();

    void use_password(const std::string& password, const std::string& source);

private:
    /// HOST[:PORT][,HOST[:PORT]…]; port 0 if there is none.
    using Hosts = std::vector<HostPort>;

    [[nodiscard]] std::optional<std::string> variable(const std::string& name) const;
    [[nodiscard]] bool flags_have_password() const;
    void apply_environment();
    void apply_variables();
    void apply_flags();
    void apply_host_flags();
    void use_url(const ServerAddress& address, const std::string& source);
    void use_hosts(const Hosts& hosts, const std::string& source);
    void use_port(const std::string& port, const std::string& source);
    void use_socket(const std::string& path, const std::string& source);
    void use_tcp();
    void use_db(const std::string& db, const std::string& source);
    [[nodiscard]] bool is_host(const std::string& host) const;
    void forget_login();
    [[nodiscard]] static Hosts parse_hosts(const std::string& text, const std::string& source);
    [[nodiscard]] static HostPort parse_host(std::string_view text, const std::string& source);

    const ConnectionFlags& m_flags;
    const Environment& m_environment;
    Settings& m_settings;
    /// The parts that were given together with another server, by their name in `sources`: they are
    /// not used.
    struct Forgotten {
        std::string server;
        std::map<std::string, std::string> parts;
    };
    std::optional<Forgotten> m_forgotten;
};

/// An empty variable counts as none: that is what compose files make of an unset one.
std::optional<std::string> value_of_variable(const Environment& environment,
                                             const std::string& name);

/// Calls `parse`, and puts the place a bad value was given at before its error.
template <typename Parse>
auto from_source(const std::string& source, Parse parse) {
    try {
        return parse();
    } catch (const Error& error) {
        throw Error(error.code(), source + ": " + error.what(), error.hint());
    }
}

}  // namespace cachectl
