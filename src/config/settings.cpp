#include "config/settings.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "config/password_file.hpp"
#include "config/sentinel_settings.hpp"
#include "config/tls_settings.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

/// Calls `parse`, and puts the place a bad value was given at before its error.
template <typename Parse>
auto from_source(const std::string& source, Parse parse) {
    try {
        return parse();
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", source, error.what()), error.hint());
    }
}

/// Fills Settings from the lowest place to the highest, so that each overwrites the one before.
class Resolver {
public:
    Resolver(const ConnectionFlags& flags, const Environment& environment)
        : m_flags(flags), m_environment(environment) {
        for (const char* name : {"host", "port", "db"}) m_settings.sources[name] = "default";
    }

    Settings resolve(const AskPassword& ask_password);

private:
    /// An empty variable counts as none: that is what compose files make of an unset one.
    [[nodiscard]] std::optional<std::string> variable(const std::string& name) const {
        auto value = m_environment(name);
        if (value && value->empty()) value.reset();
        return value;
    }

    void check_flags() const;
    [[nodiscard]] std::optional<std::filesystem::path> base_folder(const char* name,
                                                                   const char* in_home) const;
    [[nodiscard]] std::optional<std::string> config_path() const;
    void apply_context();
    void apply_environment();
    void apply_flags(const AskPassword& ask_password);
    void apply_timeouts();
    void apply_cluster();

    void use_url(const ServerAddress& address, const std::string& source);
    void use_host(const std::string& host, const std::string& source);
    void use_first_host(const std::string& host, const std::string& source);
    void use_other_hosts(std::string_view hosts, const std::string& source);
    static HostPort parse_host(std::string_view text, const std::string& source);
    void use_port(const std::string& port, const std::string& source);
    void use_socket(const std::string& path, const std::string& source);
    void use_tcp();
    void use_password(const std::string& password, const std::string& source);
    void use_db(const std::string& db, const std::string& source);
    void warn_of_other_server();

    const ConnectionFlags& m_flags;
    const Environment& m_environment;
    Settings m_settings;
    std::string m_context_source;  // not empty: the context names a server
};

void Resolver::check_flags() const {
    using Flag = std::pair<const std::optional<std::string>&, const char*>;
    const std::array<Flag, 17> never_empty{
        {{m_flags.host, "-h"},
         {m_flags.socket, "-s"},
         {m_flags.url, "-u"},
         {m_flags.user, "--user"},
         {m_flags.password_file, "--password-file"},
         {m_flags.context, "--context"},
         {m_flags.config, "--config"},
         {m_flags.port, "-p"},
         {m_flags.cacert, "--cacert"},
         {m_flags.cacertdir, "--cacertdir"},
         {m_flags.cert, "--cert"},
         {m_flags.cert_key, "--cert-key"},
         {m_flags.sni, "--sni"},
         {m_flags.sentinel, "--sentinel"},
         {m_flags.master_name, "--master-name"},
         {m_flags.sentinel_user, "--sentinel-user"},
         {m_flags.sentinel_password_file, "--sentinel-password-file"}}};
    for (const auto& [value, name] : never_empty)
        if (value && value->empty())
            throw Error(ExitCode::usage, fmt::format("{}: the value is empty", name),
                        "is a shell variable unset?");
    if (m_flags.socket && (m_flags.host || m_flags.port))
        throw Error(ExitCode::usage, "-s names a Unix socket and -h or -p a TCP server: give one");
    if (m_flags.sentinel && (m_flags.socket || m_flags.host || m_flags.port))
        throw Error(ExitCode::usage,
                    "--sentinel names those who know the server, and -h, -p or -s the server: give "
                    "one");
    const int passwords = int{m_flags.password.has_value()} +
                          int{m_flags.password_file.has_value()} + int{m_flags.askpass};
    if (passwords > 1)
        throw Error(ExitCode::usage, "of -a, --password-file and --askpass give one");
}

/// The folder that a variable of the XDG base directory specification names, else the one in HOME.
/// Relative paths are ignored, as it wants.
std::optional<std::filesystem::path> Resolver::base_folder(const char* name,
                                                           const char* in_home) const {
    std::filesystem::path folder = variable(name).value_or("");
    if (folder.is_absolute()) return folder;
    folder = std::filesystem::path(variable("HOME").value_or("")) / in_home;
    if (folder.is_absolute()) return folder;
    return std::nullopt;
}

std::optional<std::string> Resolver::config_path() const {
    if (m_flags.config) return m_flags.config;
    const auto folder = base_folder("XDG_CONFIG_HOME", ".config");
    if (!folder) return std::nullopt;
    const auto path = *folder / "cachectl" / "config.json";
    std::error_code error;
    if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found)
        return std::nullopt;
    return path.string();
}

void Resolver::apply_context() {
    std::string asked_by = "--context";
    std::optional<std::string> name = m_flags.context;
    if (!name) {
        asked_by = "CACHECTL_CONTEXT";
        name = variable(asked_by);
    }
    const auto path = config_path();
    if (!path) {
        if (name)
            throw Error(
                ExitCode::usage,
                fmt::format("{}: there is no configuration file for context '{}'", asked_by, *name),
                "it belongs in ~/.config/cachectl/config.json, or give --config FILE");
        return;
    }
    const ConfigFile config = read_config_file(*path);
    m_settings.warnings = config.warnings;
    if (!name && !config.default_context.empty()) {
        asked_by = fmt::format("default_context in {}", config.path);
        name = config.default_context;
    }
    if (!name) return;

    const ContextEntry& context = config.context(*name, asked_by);
    m_settings.context = *name;
    m_settings.sources["context"] = asked_by;
    m_settings.protected_patterns = context.protected_patterns;
    m_settings.policy_file = context.policy_file;
    m_settings.confirm = context.confirm;
    m_settings.pace = context.pace;
    if (context.server) {
        m_context_source = fmt::format("context '{}' ({}:{})", *name, config.path, context.line);
        use_url(*context.server, m_context_source);
    }
    m_settings.tls = context.tls;
}

void Resolver::apply_environment() {
    if (const auto password = variable("REDISCLI_AUTH")) use_password(*password, "REDISCLI_AUTH");
    for (const char* name : {"CACHECTL_URL", "REDIS_URL"}) {
        if (const auto url = variable(name)) {
            use_url(from_source(name, [&] { return parse_server_url(*url); }), name);
            return;
        }
    }
    if (const auto host = variable("REDIS_HOST")) use_host(*host, "REDIS_HOST");
    if (const auto port = variable("REDIS_PORT")) use_port(*port, "REDIS_PORT");
    if (const auto db = variable("REDIS_DB")) use_db(*db, "REDIS_DB");
    if (const auto password = variable("REDIS_PASSWORD")) use_password(*password, "REDIS_PASSWORD");
}

void Resolver::apply_flags(const AskPassword& ask_password) {
    if (m_flags.url)
        use_url(from_source("-u", [&] { return parse_server_url(*m_flags.url); }), "-u");
    if (m_flags.host) use_host(*m_flags.host, "-h");
    if (m_flags.port) use_port(*m_flags.port, "-p");
    if (m_flags.socket) use_socket(*m_flags.socket, "-s");
    if (m_flags.sentinel) {
        use_tcp();
        m_settings.sources["host"] = m_settings.sources["port"] = "--sentinel";
    }
    apply_sentinel_flags(m_flags, variable("CACHECTL_SENTINEL_PASSWORD"), m_settings);
    if (m_flags.db) use_db(*m_flags.db, "-n");
    if (m_flags.user) {
        m_settings.address.user = *m_flags.user;
        m_settings.sources["user"] = "--user";
    }
    if (m_flags.password) use_password(*m_flags.password, "-a");
    if (m_flags.password_file)
        use_password(read_password_file(*m_flags.password_file, m_settings.warnings),
                     "--password-file");
    apply_tls_flags(m_flags, m_settings);
    apply_timeouts();
    apply_cluster();
    if (m_flags.askpass) {
        if (!ask_password)
            throw Error(ExitCode::usage, "--askpass needs a terminal to ask on",
                        "give --password-file FILE");
        use_password(ask_password(), "--askpass");
    }
}

void Resolver::apply_timeouts() {
    const auto set = [](const std::optional<std::string>& text, const char* name,
                        std::chrono::milliseconds& value) {
        if (text) value = from_source(name, [&] { return parse_duration(*text); });
    };
    set(m_flags.connect_timeout, "--connect-timeout", m_settings.connect_timeout);
    set(m_flags.timeout, "--timeout", m_settings.timeout);
    set(m_flags.wait, "--wait", m_settings.wait);
    if (m_settings.connect_timeout.count() == 0)
        throw Error(ExitCode::usage, "--connect-timeout: must be more than 0");
    if (m_settings.timeout.count() == 0)
        throw Error(ExitCode::usage, "--timeout: must be more than 0");
}

void Resolver::apply_cluster() {
    const std::string use = m_flags.cluster.value_or("auto");
    if (use != "auto" && use != "on" && use != "off")
        throw Error(ExitCode::usage, fmt::format("--cluster: '{}' is not auto, on or off", use));
    if (use != "auto") m_settings.cluster = use == "on" ? UseCluster::on : UseCluster::off;
    for (const std::string& entry : m_flags.node_map)
        from_source("--node-map", [&] { add_to_node_map(m_settings.node_map, entry); });
}

void Resolver::use_url(const ServerAddress& address, const std::string& source) {
    m_settings.address = address;
    m_settings.other_hosts.clear();
    m_settings.tls = {};
    auto& sources = m_settings.sources;
    sources.erase("socket");
    sources.erase("user");
    sources.erase("password");
    sources["host"] = sources["port"] = sources["db"] = source;
    if (!address.socket_path.empty()) use_socket(address.socket_path, source);
    if (!address.user.empty()) sources["user"] = source;
    if (!address.password.empty()) {
        sources["password"] = source;
    } else if (const auto password = variable("REDISCLI_AUTH")) {
        use_password(*password, "REDISCLI_AUTH");
    }
}

void Resolver::use_host(const std::string& host, const std::string& source) {
    // A URL here may hold a password, so it must not come to be repeated as a name.
    if (host.find("://") != std::string::npos || host.find('@') != std::string::npos)
        throw Error(ExitCode::usage, fmt::format("{}: takes a host's name, not a URL", source),
                    "a URL goes with -u, or into REDIS_URL");
    use_tcp();
    m_settings.other_hosts.clear();
    if (const auto comma = host.find(','); comma != std::string::npos) {
        use_other_hosts(std::string_view(host).substr(comma + 1), source);
        use_first_host(host.substr(0, comma), source);
        return;
    }
    // "[::1]" is how one has to write it in a URL; in a flag it is easily kept.
    const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    m_settings.address.host = has_brackets ? host.substr(1, host.size() - 2) : host;
    m_settings.sources["host"] = source;
}

/// "a:7000" of "a:7000,b,[::1]:7002".
void Resolver::use_first_host(const std::string& host, const std::string& source) {
    const HostPort first = parse_host(host, source);
    m_settings.address.host = first.host;
    m_settings.sources["host"] = source;
    if (first.port != 0) use_port(std::to_string(first.port), source);
}

void Resolver::use_other_hosts(std::string_view hosts, const std::string& source) {
    while (true) {
        const auto comma = hosts.find(',');
        m_settings.other_hosts.push_back(parse_host(hosts.substr(0, comma), source));
        if (comma == std::string_view::npos) return;
        hosts.remove_prefix(comma + 1);
    }
}

/// HOST or HOST:PORT, an IPv6 address with a port in brackets; port 0 if there is none.
HostPort Resolver::parse_host(std::string_view text, const std::string& source) {
    const bool has_port = text.starts_with('[')
                              ? !text.ends_with(']')
                              : text.find(':') != text.npos && text.find(':') == text.rfind(':');
    const auto address = parse_node_address(std::string(text) + (has_port ? "" : ":1"));
    if (!address || address->host.empty() || address->host == "?")
        throw Error(ExitCode::usage,
                    fmt::format("{}: '{}' is not a host, nor HOST:PORT", source, text));
    return {address->host, has_port ? address->port : std::uint16_t{0}};
}

void Resolver::use_port(const std::string& port, const std::string& source) {
    use_tcp();
    m_settings.address.port = parse_port(port, source);
    m_settings.sources["port"] = source;
}

void Resolver::use_tcp() {
    if (m_settings.address.is_found_by_sentinels()) {
        m_settings.address.sentinels = {};
        m_settings.address.host = ServerAddress{}.host;
    }
    m_settings.address.socket_path.clear();
    m_settings.sources.erase("socket");
    m_settings.sources.try_emplace("host", "default");
    m_settings.sources.try_emplace("port", "default");
}

void Resolver::use_socket(const std::string& path, const std::string& source) {
    m_settings.address.socket_path = path;
    m_settings.other_hosts.clear();
    m_settings.address.sentinels = {};
    m_settings.address.host = ServerAddress{}.host;
    m_settings.address.port = ServerAddress{}.port;
    m_settings.address.tls = false;
    m_settings.sources["socket"] = source;
    m_settings.sources.erase("host");
    m_settings.sources.erase("port");
}

void Resolver::use_password(const std::string& password, const std::string& source) {
    m_settings.address.password = password;
    m_settings.sources["password"] = source;
}

void Resolver::use_db(const std::string& db, const std::string& source) {
    m_settings.address.db = parse_db(db, source);
    m_settings.sources["db"] = source;
}

/// A person who chose a context by name and has another server in the environment would
/// otherwise learn of it only when it is too late.
void Resolver::warn_of_other_server() {
    if (m_context_source.empty()) return;
    for (const char* part : {"host", "port", "db"}) {
        const auto found = m_settings.sources.find(part);
        if (found == m_settings.sources.end()) continue;
        const std::string& source = found->second;
        const bool is_variable = source.starts_with("REDIS_") || source == "CACHECTL_URL";
        if (!is_variable) continue;
        m_settings.warnings.push_back(
            fmt::format("{} overrides the server of context '{}': using {}", source,
                        m_settings.context, m_settings.address.name()));
        return;
    }
}

Settings Resolver::resolve(const AskPassword& ask_password) {
    check_flags();
    apply_context();
    apply_environment();
    apply_flags(ask_password);
    warn_of_other_server();
    if (const auto folder = base_folder("XDG_STATE_HOME", ".local/state"))
        m_settings.state_folder = (*folder / "cachectl").string();
    m_settings.no_color = variable("NO_COLOR").has_value();
    return std::move(m_settings);
}

}  // namespace

Settings resolve_settings(const ConnectionFlags& flags, const Environment& environment,
                          const AskPassword& ask_password) {
    return Resolver(flags, environment).resolve(ask_password);
}

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

}  // namespace cachectl
