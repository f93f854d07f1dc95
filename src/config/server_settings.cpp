#include "config/server_settings.hpp"

#include <fmt/format.h>

#include "config/same_server.hpp"
#include "config/sentinel_settings.hpp"
#include "util/error.hpp"
#include "util/secrets.hpp"

namespace cachectl {

std::optional<std::string> value_of_variable(const Environment& environment,
                                             const std::string& name) {
    auto value = environment(name);
    if (!value || value->empty()) {
        return std::nullopt;
    }
    if (value->find('@') != std::string::npos) {
        remember_typed(*value);
    }
    return value;
}

std::optional<std::string> ServerSettings::variable(const std::string& name) const {
    return value_of_variable(m_environment, name);
}

bool ServerSettings::flags_have_password() const {
    return m_flags.password || m_flags.password_file || m_flags.askpass;
}

void ServerSettings::resolve(const std::optional<ContextServer>& context) {
    auto& sources = m_settings.sources;
    sources["host"] = sources["port"] = sources["db"] = "default";
    if (m_flags.url) {
        use_url(from_source("-u", [&] { return parse_server_url(*m_flags.url); }), "-u");
    } else {
        if (context) {
            use_url(context->address, context->source);
            m_settings.tls = context->tls;
        }
        if (!context || !context->is_chosen) {
            apply_environment();
        }
    }
    apply_flags();
}

void ServerSettings::finish() {
    if (!m_settings.sources.contains("password")) {
        if (const auto password = variable("REDISCLI_AUTH")) {
            use_password(*password, "REDISCLI_AUTH");
        }
    }
    if (!m_forgotten) {
        return;
    }
    for (const auto& [part, source] : m_forgotten->parts) {
        const auto now = m_settings.sources.find(part);
        if (now != m_settings.sources.end() && now->second != "default") {
            continue;
        }
        m_settings.warnings.push_back(fmt::format(
            "the {} of {} belongs to {}, and is not used for {}", part == "db" ? "database" : part,
            source, m_forgotten->server, m_settings.address.name()));
    }
}

void ServerSettings::use_url(const ServerAddress& address, const std::string& source) {
    m_settings.address = address;
    m_settings.other_hosts.clear();
    m_settings.tls = {};
    remember_secret(address.password);
    remember_secret(address.sentinels.password);
    auto& sources = m_settings.sources;
    sources.erase("socket");
    sources.erase("user");
    sources.erase("password");
    sources["host"] = sources["port"] = sources["db"] = source;
    if (!address.socket_path.empty()) {
        sources["socket"] = source;
        sources.erase("host");
        sources.erase("port");
    }
    if (!address.user.empty()) {
        sources["user"] = source;
    }
    if (!address.password.empty()) {
        sources["password"] = source;
    }
}

void ServerSettings::use_hosts(const Hosts& hosts, const std::string& source) {
    const HostPort& first = hosts.front();
    if (!is_host(first.host)) {
        forget_login();
    }
    use_tcp();
    m_settings.other_hosts.assign(hosts.begin() + 1, hosts.end());
    m_settings.address.host = first.host;
    m_settings.sources["host"] = source;
    if (first.port != 0) {
        use_port(std::to_string(first.port), source);
    }
}

ServerSettings::Hosts ServerSettings::parse_hosts(const std::string& text,
                                                  const std::string& source) {
    // A URL here may hold a password, so it must not come to be repeated as a name.
    if (text.find("://") != std::string::npos || text.find('@') != std::string::npos) {
        throw Error(ExitCode::usage, fmt::format("{}: takes a host's name, not a URL", source),
                    "a URL goes with -u, or into REDIS_URL");
    }
    Hosts hosts;
    for (std::string_view left = text;; left.remove_prefix(left.find(',') + 1)) {
        hosts.push_back(parse_host(left.substr(0, left.find(',')), source));
        if (left.find(',') == left.npos) {
            return hosts;
        }
    }
}

/// An IPv6 address with a port stands in brackets; "[::1]" is how one has to write it in a URL,
/// and easily kept in a flag.
HostPort ServerSettings::parse_host(std::string_view text, const std::string& source) {
    const bool has_port = text.starts_with('[')
                              ? !text.ends_with(']')
                              : text.find(':') != text.npos && text.find(':') == text.rfind(':');
    const auto address = parse_node_address(std::string(text) + (has_port ? "" : ":1"));
    if (!address || address->host.empty() || address->host == "?") {
        throw Error(ExitCode::usage,
                    fmt::format("{}: the value is not a host, nor HOST:PORT", source));
    }
    return {address->host, has_port ? address->port : std::uint16_t{0}};
}

void ServerSettings::use_port(const std::string& port, const std::string& source) {
    use_tcp();
    m_settings.address.port = parse_port(port, source);
    m_settings.sources["port"] = source;
}

/// Whether the server that is meant so far is one of that name.
bool ServerSettings::is_host(const std::string& host) const {
    const ServerAddress& address = m_settings.address;
    return address.socket_path.empty() && !address.is_found_by_sentinels() &&
           is_same_host(address.host, host);
}

/// User, password and database belong to the server that they were given with: another one is
/// coming that does not get them.
void ServerSettings::forget_login() {
    ServerAddress& address = m_settings.address;
    auto& sources = m_settings.sources;
    Forgotten forgotten{address.name(), {}};
    for (const char* part : {"user", "password"}) {
        if (sources.contains(part)) {
            forgotten.parts[part] = sources.at(part);
        }
        sources.erase(part);
    }
    if (address.db != 0) {
        forgotten.parts["db"] = sources.at("db");
    }
    sources["db"] = "default";
    address.user.clear();
    address.password.clear();
    address.is_password_alone = false;
    address.db = 0;
    if (!forgotten.parts.empty()) {
        m_forgotten = std::move(forgotten);
    }
}

void ServerSettings::use_tcp() {
    ServerAddress& address = m_settings.address;
    if (!address.socket_path.empty() || address.is_found_by_sentinels()) {
        forget_login();
        address.host = ServerAddress{}.host;
    }
    address.sentinels = {};
    address.socket_path.clear();
    m_settings.sources.erase("socket");
    m_settings.sources.try_emplace("host", "default");
    m_settings.sources.try_emplace("port", "default");
}

void ServerSettings::use_socket(const std::string& path, const std::string& source) {
    // A URL here would be taken for a path, and its password be repeated as a name.
    if (path.find("://") != std::string::npos) {
        throw Error(ExitCode::usage, fmt::format("{}: takes a path, not a URL", source),
                    "a URL goes with -u, or into REDIS_URL");
    }
    ServerAddress& address = m_settings.address;
    if (address.socket_path != path) {
        forget_login();
    }
    address.socket_path = path;
    address.sentinels = {};
    address.host = ServerAddress{}.host;
    address.port = ServerAddress{}.port;
    address.tls = false;
    m_settings.other_hosts.clear();
    m_settings.sources["socket"] = source;
    m_settings.sources.erase("host");
    m_settings.sources.erase("port");
}

void ServerSettings::use_password(const std::string& password, const std::string& source) {
    remember_secret(password);
    m_settings.address.password = password;
    m_settings.address.is_password_alone = false;
    m_settings.sources["password"] = source;
}

void ServerSettings::use_db(const std::string& db, const std::string& source) {
    m_settings.address.db = parse_db(db, source);
    m_settings.sources["db"] = source;
}

}  // namespace cachectl
