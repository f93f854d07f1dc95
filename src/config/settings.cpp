#include "config/settings.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "config/password_file.hpp"
#include "config/server_settings.hpp"
#include "config/tls_settings.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"
#include "util/secrets.hpp"

namespace cachectl {

namespace {

class Resolver {
public:
    Resolver(const ConnectionFlags& flags, const Environment& environment,
             const CheckGlob& check_glob)
        : m_flags(flags), m_environment(environment), m_check_glob(check_glob) {}

    Settings resolve(const AskPassword& ask_password);

private:
    [[nodiscard]] std::optional<std::string> variable(const std::string& name) const {
        return value_of_variable(m_environment, name);
    }

    void remember_words() const;
    void check_flags() const;
    [[nodiscard]] std::optional<std::filesystem::path> base_folder(const char* name,
                                                                   const char* in_home) const;
    [[nodiscard]] std::optional<std::string> config_path(bool is_needed);
    void apply_context();
    void apply_passwords(ServerSettings& server, const AskPassword& ask_password);
    void apply_timeouts();
    void apply_cluster();
    void warn_of_other_server();

    const ConnectionFlags& m_flags;
    const Environment& m_environment;
    const CheckGlob& m_check_glob;
    Settings m_settings;
    std::optional<ContextServer> m_context;
};

/// What was typed may stand in a message, and have a password in it.
void Resolver::remember_words() const {
    for (const auto* word :
         {&m_flags.host, &m_flags.port, &m_flags.socket, &m_flags.db, &m_flags.url, &m_flags.user,
          &m_flags.sentinel, &m_flags.master_name, &m_flags.sentinel_user, &m_flags.sni,
          &m_flags.context, &m_flags.config, &m_flags.cacert, &m_flags.cacertdir, &m_flags.cert,
          &m_flags.cert_key, &m_flags.timeout, &m_flags.connect_timeout, &m_flags.wait}) {
        if (*word) {
            remember_typed(**word);
        }
    }
    for (const std::string& entry : m_flags.node_map) {
        remember_typed(entry);
    }
    if (m_flags.password) {
        remember_secret(*m_flags.password);
    }
}

void Resolver::check_flags() const {
    if (m_flags.socket && (m_flags.host || m_flags.port)) {
        throw Error(ExitCode::usage, "-s names a Unix socket and -h or -p a TCP server: give one");
    }
    if (m_flags.sentinel && (m_flags.socket || m_flags.host || m_flags.port)) {
        throw Error(ExitCode::usage,
                    "--sentinel names those who know the server, and -h, -p or -s the server: give "
                    "one");
    }
    const int passwords = int{m_flags.password.has_value()} +
                          int{m_flags.password_file.has_value()} + int{m_flags.askpass};
    if (passwords > 1) {
        throw Error(ExitCode::usage, "of -a, --password-file and --askpass give one");
    }
}

/// The folder that a variable of the XDG base directory specification names, else the one in HOME.
/// Relative paths are ignored, as it wants.
std::optional<std::filesystem::path> Resolver::base_folder(const char* name,
                                                           const char* in_home) const {
    std::filesystem::path folder = variable(name).value_or("");
    if (folder.is_absolute()) {
        return folder;
    }
    folder = std::filesystem::path(variable("HOME").value_or("")) / in_home;
    if (folder.is_absolute()) {
        return folder;
    }
    return std::nullopt;
}

std::optional<std::string> Resolver::config_path(bool is_needed) {
    if (m_flags.config) {
        return m_flags.config;
    }
    const auto folder = base_folder("XDG_CONFIG_HOME", ".config");
    if (!folder) {
        return std::nullopt;
    }
    const auto path = *folder / "cachectl" / "config.json";
    std::error_code error;
    if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found) {
        return std::nullopt;
    }
    // sudo -u and containers keep the HOME of somebody else: nobody knows whether there is one.
    if (error == std::errc::permission_denied && !is_needed) {
        m_settings.warnings.push_back(
            fmt::format("cannot look for a configuration in {}: {}; going on without",
                        path.parent_path().string(), error.message()));
        return std::nullopt;
    }
    return path.string();
}

void Resolver::apply_context() {
    std::string asked_by = "--context";
    std::optional<std::string> name = m_flags.context;
    if (!name) {
        asked_by = "CACHECTL_CONTEXT";
        name = variable(asked_by);
    }
    const auto path = config_path(name.has_value());
    if (!path) {
        if (name) {
            throw Error(
                ExitCode::usage,
                fmt::format("{}: there is no configuration file for context '{}'", asked_by, *name),
                "it belongs in ~/.config/cachectl/config.json, or give --config FILE");
        }
        return;
    }
    const ConfigFile config = read_config_file(*path, m_check_glob);
    m_settings.warnings = config.warnings;
    if (!name && !config.default_context.empty()) {
        asked_by = fmt::format("default_context in {}", config.path);
        name = config.default_context;
    }
    if (!name) {
        return;
    }

    const ContextEntry& context = config.context(*name, asked_by);
    m_settings.context = *name;
    m_settings.sources["context"] = asked_by;
    m_settings.protected_patterns = context.protected_patterns;
    m_settings.policy_file = context.policy_file;
    m_settings.confirm = context.confirm;
    m_settings.pace = context.pace;
    m_settings.tls = context.tls;
    if (context.server) {
        m_context =
            ContextServer{*context.server, context.tls,
                          fmt::format("context '{}' ({}:{})", *name, config.path, context.line),
                          m_flags.context.has_value()};
    }
}

void Resolver::apply_passwords(ServerSettings& server, const AskPassword& ask_password) {
    if (m_flags.password_file) {
        server.use_password(read_password_file(*m_flags.password_file, m_settings.warnings),
                            "--password-file");
    }
    if (m_flags.askpass) {
        if (!ask_password) {
            throw Error(ExitCode::usage, "--askpass needs a terminal to ask on",
                        "give --password-file FILE");
        }
        server.use_password(ask_password(), "--askpass");
    }
}

void Resolver::apply_timeouts() {
    const auto set = [](const std::optional<std::string>& text, const char* name,
                        std::chrono::milliseconds& value) {
        if (text) {
            value = from_source(name, [&] { return parse_duration(*text); });
        }
    };
    set(m_flags.connect_timeout, "--connect-timeout", m_settings.connect_timeout);
    set(m_flags.timeout, "--timeout", m_settings.timeout);
    set(m_flags.wait, "--wait", m_settings.wait);
    if (m_settings.connect_timeout.count() == 0) {
        throw Error(ExitCode::usage, "--connect-timeout: must be more than 0");
    }
    if (m_settings.timeout.count() == 0) {
        throw Error(ExitCode::usage, "--timeout: must be more than 0");
    }
}

void Resolver::apply_cluster() {
    const std::string use = m_flags.cluster.value_or("auto");
    if (use != "auto" && use != "on" && use != "off") {
        throw Error(ExitCode::usage, fmt::format("--cluster: '{}' is not auto, on or off", use));
    }
    if (use != "auto") {
        m_settings.cluster = use == "on" ? UseCluster::on : UseCluster::off;
    }
    for (const std::string& entry : m_flags.node_map) {
        from_source("--node-map", [&] { add_to_node_map(m_settings.node_map, entry); });
    }
}

/// A warning for people: the environment names another server than the context they may have in
/// mind.
void Resolver::warn_of_other_server() {
    if (!m_context) {
        return;
    }
    for (const char* part : {"host", "port", "db"}) {
        const auto found = m_settings.sources.find(part);
        if (found == m_settings.sources.end()) {
            continue;
        }
        const std::string& source = found->second;
        const bool is_variable = source.starts_with("REDIS_") || source == "CACHECTL_URL";
        if (!is_variable) {
            continue;
        }
        m_settings.warnings.push_back(
            fmt::format("{} overrides the server of context '{}': using {}", source,
                        m_settings.context, m_settings.address.name()));
        return;
    }
}

Settings Resolver::resolve(const AskPassword& ask_password) {
    remember_words();
    check_flags();
    apply_context();
    ServerSettings server(m_flags, m_environment, m_settings);
    server.resolve(m_context);
    apply_tls_flags(m_flags, m_settings);
    apply_timeouts();
    apply_cluster();
    apply_passwords(server, ask_password);
    server.finish();
    warn_of_other_server();
    if (const auto folder = base_folder("XDG_STATE_HOME", ".local/state")) {
        m_settings.state_folder = (*folder / "cachectl").string();
    }
    m_settings.no_color = variable("NO_COLOR").has_value();
    return std::move(m_settings);
}

}  // namespace

Settings resolve_settings(const ConnectionFlags& flags, const Environment& environment,
                          const AskPassword& ask_password, const CheckGlob& check_glob) {
    return Resolver(flags, environment, check_glob).resolve(ask_password);
}

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

}  // namespace cachectl
