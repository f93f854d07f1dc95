#include "config/server_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "config/same_server.hpp"

namespace cachectl {

namespace {

using Named = std::pair<const std::string, ContextEntry>;

/// Or of one of those that stand in for it.
bool is_of_server(const ContextEntry& context, const Settings& settings) {
    ServerAddress address = settings.address;
    if (is_same_server(*context.server, address)) {
        return true;
    }
    return std::any_of(settings.other_hosts.begin(), settings.other_hosts.end(),
                       [&](const HostPort& other) {
                           address.host = other.host;
                           address.port = other.port != 0 ? other.port : settings.address.port;
                           return is_same_server(*context.server, address);
                       });
}

void add_rules(const Named& named, Settings& settings) {
    const auto& [name, context] = named;
    settings.production |= context.production;
    settings.read_only |= context.read_only;
    if (context.confirm == ConfirmMode::always) {
        settings.confirm = ConfirmMode::always;
    }
    auto& spared = settings.protected_patterns;
    spared.insert(spared.end(), context.protected_patterns.begin(),
                  context.protected_patterns.end());
    for (auto [mine, theirs] : {std::pair(&settings.policy_file, &context.policy_file),
                                std::pair(&settings.audit_log, &context.audit_log)}) {
        if (mine->empty()) {
            *mine = *theirs;
        }
    }
    settings.warnings.push_back(fmt::format("{} is the server of context '{}', whose rules hold",
                                            settings.address.name(), name));
}

/// Whether somebody chose the context and nothing else: not as the default, and not by a variable
/// that may have been inherited where a flag or another variable names the server.
bool is_meant(const Settings& settings) {
    const auto source = [&](const char* name) {
        const auto found = settings.sources.find(name);
        return found == settings.sources.end() ? std::string() : found->second;
    };
    const std::string socket = source("socket");
    const std::string server = socket.empty() ? source("host") : socket;
    return settings.context_is_chosen ||
           (source("context") == "CACHECTL_CONTEXT" && server.starts_with("context "));
}

/// The context that messages name: the one that forbids most.
void put_in_force(const Named& named, Settings& settings) {
    settings.context = named.first;
    settings.context_is_chosen = false;
    settings.context_database = named.second.server->db;
    settings.server_is_of_context = is_same_server(*named.second.server, settings.address);
    settings.sources["context"] = "the server's name";
}

}  // namespace

void apply_rules_of_server(const ConfigFile& file, Settings& settings) {
    std::vector<const Named*> of_database, of_others;
    for (const Named& named : file.contexts) {
        const ContextEntry& context = named.second;
        const bool guards = context.production || context.read_only;
        if (guards && context.server && named.first != settings.context &&
            is_of_server(context, settings)) {
            (context.server->db == settings.address.db ? of_database : of_others).push_back(&named);
        }
    }
    // Of several contexts for one database the one that was chosen is meant.
    const bool is_of_context = settings.server_is_of_context;
    if (is_of_context && settings.context_database == settings.address.db && is_meant(settings)) {
        of_database.clear();
    } else if (of_database.empty() && !is_of_context) {
        std::swap(of_database, of_others);
    }
    for (const Named* named : of_database) {
        add_rules(*named, settings);
    }
    if (!of_database.empty()) {
        const auto lead = std::find_if(of_database.begin(), of_database.end(),
                                       [](const Named* named) { return named->second.read_only; });
        put_in_force(lead == of_database.end() ? *of_database.front() : **lead, settings);
    }
    for (const Named* named : of_others) {
        if (named->second.server->db != settings.address.db) {
            settings.other_databases.push_back({named->first, named->second.server->db});
        }
    }
}

}  // namespace cachectl
