// The part of config/server_settings.hpp that goes through the sources: the environment, the flags.
#include <fmt/format.h>

#include "config/sentinel_settings.hpp"
#include "config/server_settings.hpp"
#include "util/error.hpp"
#include "util/secrets.hpp"

namespace cachectl {

void ServerSettings::apply_environment() {
    for (const char* name : {"CACHECTL_URL", "REDIS_URL"}) {
        const auto url = variable(name);
        if (!url) {
            continue;
        }
        try {
            use_url(from_source(name, [&] { return parse_server_url(*url); }), name);
        } catch (const Error&) {
            // Whoever names the server by flags needs nothing of it: its login belongs to another.
            if (!m_flags.host && !m_flags.socket && !m_flags.sentinel) {
                throw;
            }
        }
        return;
    }
    apply_variables();
}

void ServerSettings::apply_variables() {
    if (m_flags.socket || m_flags.sentinel) {
        return;
    }
    const auto flag_hosts = m_flags.host ? parse_hosts(*m_flags.host, "-h") : Hosts{};
    bool has_port = m_flags.port || (!flag_hosts.empty() && flag_hosts.front().port != 0);
    bool is_overridden = false;  // -h names another server than the variables
    if (const auto text = variable("REDIS_HOST")) {
        try {
            const Hosts hosts = parse_hosts(*text, "REDIS_HOST");
            has_port = has_port || hosts.front().port != 0;
            use_hosts(hosts, "REDIS_HOST");
        } catch (const Error&) {
            if (!m_flags.host) {
                throw;
            }
            is_overridden = true;
        }
    }
    if (!flag_hosts.empty()) {
        is_overridden = is_overridden || !is_host(flag_hosts.front().host);
    }
    const auto port = variable("REDIS_PORT");
    if (port && !has_port) {
        use_port(*port, "REDIS_PORT");
    }
    const auto db = variable("REDIS_DB");
    const auto password = variable("REDIS_PASSWORD");
    if (is_overridden) {
        m_forgotten.emplace(Forgotten{m_settings.address.name(), {}});
        if (db) {
            m_forgotten->parts["db"] = "REDIS_DB";
        }
        if (password) {
            m_forgotten->parts["password"] = "REDIS_PASSWORD";
        }
        return;
    }
    if (db && !m_flags.db) {
        use_db(*db, "REDIS_DB");
    }
    if (password && !flags_have_password()) {
        use_password(*password, "REDIS_PASSWORD");
    }
}

void ServerSettings::apply_flags() {
    apply_host_flags();
    ServerAddress& address = m_settings.address;
    if (m_flags.socket) {
        use_socket(*m_flags.socket, "-s");
    }
    const bool other_master = m_flags.master_name && address.is_found_by_sentinels() &&
                              *m_flags.master_name != address.sentinels.master_name;
    if (m_flags.sentinel) {
        forget_login();
        use_tcp();
        m_settings.sources["host"] = m_settings.sources["port"] = "--sentinel";
    } else if (other_master) {
        forget_login();
    }
    apply_sentinel_flags(m_flags, variable("CACHECTL_SENTINEL_PASSWORD"), m_settings);
    remember_secret(address.sentinels.password);
    if (m_flags.db) {
        use_db(*m_flags.db, "-n");
    }
    if (m_flags.user) {
        address.user = *m_flags.user;
        m_settings.sources["user"] = "--user";
    }
    if (m_flags.password) {
        use_password(*m_flags.password, "-a");
    }
}

void ServerSettings::apply_host_flags() {
    const Hosts hosts = m_flags.host ? parse_hosts(*m_flags.host, "-h") : Hosts{};
    if (!hosts.empty()) {
        use_hosts(hosts, "-h");
    }
    if (!m_flags.port) {
        return;
    }
    const std::uint16_t port = parse_port(*m_flags.port, "-p");
    const std::uint16_t own_port = hosts.empty() ? std::uint16_t{0} : hosts.front().port;
    if (own_port == 0) {
        use_port(*m_flags.port, "-p");
    } else if (hosts.size() == 1 && own_port != port) {
        throw Error(ExitCode::usage,
                    fmt::format("-h names port {} and -p port {}: give one", own_port, port));
    }
    // Of several nodes it is the port of those that name none.
    for (HostPort& other : m_settings.other_hosts) {
        other.port = other.port != 0 ? other.port : port;
    }
}

}  // namespace cachectl
