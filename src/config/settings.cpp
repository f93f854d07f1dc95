#include "config/settings.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "config/connection_words.hpp"
#include "config/contexts.hpp"
#include "config/password_file.hpp"
#include "config/same_server.hpp"
#include "config/server_rules.hpp"
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
    void apply_context();
    void apply_rules(const ContextEntry& context, const std::string& source);
    void apply_passwords(ServerSettings& server, const AskPassword& ask_password);
    void apply_timeouts();
    void apply_cluster();
    void warn_of_other_server();

    const ConnectionFlags& m_flags;
    const Environment& m_environment;
    const CheckGlob& m_check_glob;
    Settings m_settings;
    std::optional<ContextServer> m_context;
    KnownContexts m_known;
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

void Resolver::apply_context() {
    m_known = read_contexts(m_flags, m_environment, m_check_glob);
    const KnownContexts& known = m_known;
    m_settings.warnings = known.warnings;
    if (known.asked_by.empty()) {
        return;
    }
    const std::string& name = known.in_force;
    if (known.file.path.empty()) {
        throw Error(ExitCode::usage,
                    fmt::format("{}: there is no configuration file for context '{}'",
                                known.asked_by, name),
                    "it belongs in ~/.config/cachectl/config.json, or give --config FILE");
    }
    const ContextEntry& context = known.file.context(name, known.asked_by);
    const std::string source =
        fmt::format("context '{}' ({}:{})", name, known.file.path, context.line);
    m_settings.context = name;
    m_settings.sources["context"] = known.asked_by;
    m_settings.context_is_chosen = m_flags.context.has_value();
    m_settings.context_database = context.server ? context.server->db : 0;
    apply_rules(context, source);
    if (context.server) {
        m_context =
            ContextServer{*context.server, context.tls, source, m_settings.context_is_chosen};
    }
}

/// What holds with the context, whichever the server is.
void Resolver::apply_rules(const ContextEntry& context, const std::string& source) {
    m_settings.protected_patterns = context.protected_patterns;
    m_settings.policy_file = context.policy_file;
    m_settings.confirm = context.confirm;
    m_settings.production = context.production;
    m_settings.read_only = context.read_only;
    m_settings.audit_log = context.audit_log;
    m_settings.pace = context.pace;
    m_settings.tls = context.tls;
    for (const std::string& name : context.said) {
        m_settings.sources[name] = source;
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
    const auto set = [this](const std::optional<std::string>& text, const char* name,
                            const char* part, std::chrono::milliseconds& value) {
        if (text) {
            value = from_source(name, [&] { return parse_duration(*text); });
            m_settings.sources[part] = name;
        }
    };
    set(m_flags.connect_timeout, "--connect-timeout", "connect_timeout",
        m_settings.connect_timeout);
    set(m_flags.timeout, "--timeout", "timeout", m_settings.timeout);
    set(m_flags.wait, "--wait", "wait", m_settings.wait);
    if (m_flags.timeout && !m_flags.connect_timeout &&
        m_settings.timeout < m_settings.connect_timeout) {
        m_settings.connect_timeout = m_settings.timeout;
        m_settings.sources["connect_timeout"] = "--timeout";
    }
    if (m_settings.timeout.count() == 0) {
        throw Error(ExitCode::usage, "--timeout: must be more than 0");
    }
    if (m_settings.connect_timeout.count() == 0) {
        throw Error(ExitCode::usage, "--connect-timeout: must be more than 0");
    }
}

void Resolver::apply_cluster() {
    const std::string use = m_flags.cluster.value_or("auto");
    if (use != "auto" && use != "on" && use != "off") {
        throw Error(ExitCode::usage, fmt::format("--cluster: '{}' is not auto, on or off", use));
    }
    if (m_flags.cluster) {
        m_settings.sources["cluster"] = "--cluster";
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
    m_settings.config_file = m_flags.config.value_or("");
    apply_context();
    ServerSettings server(m_flags, m_environment, m_settings);
    server.resolve(m_context);
    apply_tls_flags(m_flags, m_settings);
    apply_timeouts();
    apply_cluster();
    apply_passwords(server, ask_password);
    server.finish();
    warn_of_other_server();
    m_settings.server_is_of_context =
        m_context && is_same_server(m_context->address, m_settings.address);
    apply_rules_of_server(m_known.file, m_settings);
    m_settings.connection_words = connection_words(m_flags, m_settings);
    if (const auto folder = base_folder(m_environment, "XDG_STATE_HOME", ".local/state")) {
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
