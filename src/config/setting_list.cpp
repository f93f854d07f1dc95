#include "config/setting_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

class SettingList {
public:
    explicit SettingList(const Settings& settings) : m_settings(settings) {}

    /// `given_with`: the setting whose source it has where it has none of its own.
    void add(const std::string& name, std::optional<std::string> value,
             const std::string& given_with = {}) {
        const auto& sources = m_settings.sources;
        auto found = sources.find(name);
        if (found == sources.end()) {
            found = sources.find(given_with);
        }
        const bool is_known = value && found != sources.end();
        m_shown.push_back({name, std::move(value), is_known ? found->second : "default"});
    }
    void text(const std::string& name, const std::string& value,
              const std::string& given_with = {}) {
        add(name, value.empty() ? std::nullopt : std::optional(value), given_with);
    }
    void secret(const std::string& name, const std::string& value,
                const std::string& given_with = {}) {
        text(name, value.empty() ? "" : "***", given_with);
    }
    void flag(const std::string& name, bool value, const std::string& given_with = {}) {
        add(name, value ? "true" : "false", given_with);
    }
    void duration(const std::string& name, std::chrono::milliseconds value) {
        add(name, format_duration(value));
    }

    std::vector<ShownSetting> take() { return std::move(m_shown); }

private:
    const Settings& m_settings;
    std::vector<ShownSetting> m_shown;
};

std::string_view name_of(UseCluster use) {
    switch (use) {  // without a default, so that the compiler misses none
        case UseCluster::automatic:
            return "auto";
        case UseCluster::on:
            return "on";
        case UseCluster::off:
            return "off";
    }
    return "";
}

void list_place(const ServerAddress& address, SettingList& list) {
    const SentinelGroup& group = address.sentinels;
    if (address.is_found_by_sentinels()) {
        std::vector<std::string> nodes;
        for (const HostPort& node : group.nodes) {
            nodes.push_back(fmt::format("{}:{}", node.host, node.port));
        }
        list.add("sentinel", fmt::format("{}", fmt::join(nodes, ",")), "host");
        list.text("master_name", group.master_name, "host");
        list.text("sentinel_user", group.user, "host");
        list.secret("sentinel_password", group.password, "host");
    } else if (!address.socket_path.empty()) {
        list.text("socket", address.socket_path);
    } else {
        list.text("host", address.host);
        list.add("port", std::to_string(address.port));
    }
}

void list_tls(const Settings& settings, SettingList& list) {
    const TlsOptions& tls = settings.tls;
    list.flag("tls", settings.address.tls, settings.address.tls ? "host" : "");
    list.text("cacert", tls.ca_file);
    list.text("cacertdir", tls.ca_folder);
    list.text("cert", tls.certificate);
    list.text("cert_key", tls.key);
    list.text("sni", tls.server_name);
    list.flag("insecure", tls.verify == VerifyServer::no);
}

}  // namespace

std::vector<ShownSetting> list_settings(const Settings& settings) {
    const ServerAddress& address = settings.address;
    SettingList list(settings);
    list.text("context", settings.context);
    list_place(address, list);
    list.add("db", std::to_string(address.db));
    list.text("user", address.user);
    list.secret("password", address.password);
    list_tls(settings, list);
    list.add("cluster", std::string(name_of(settings.cluster)));
    list.duration("connect_timeout", settings.connect_timeout);
    list.duration("timeout", settings.timeout);
    list.duration("wait", settings.wait);
    list.text("pace", settings.pace.empty() ? "normal" : settings.pace);
    list.flag("production", settings.production);
    list.flag("read_only", settings.read_only);
    list.add("confirm", settings.confirm == ConfirmMode::always ? "always" : "tty");
    list.text("audit_log", settings.audit_log);
    list.text("policy", settings.policy_file);
    list.text("protect", fmt::format("{}", fmt::join(settings.protected_patterns, " ")));
    return list.take();
}

}  // namespace cachectl
