#include "redis/info.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace cachectl {

namespace {

template <typename Number>
std::optional<Number> parse(std::string_view text) {
    Number value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    if constexpr (std::is_floating_point_v<Number>) {
        return std::isfinite(value) ? std::optional(value) : std::nullopt;  // no "inf" or "nan"
    }
    return value;
}

constexpr std::string_view k_database = "db";
constexpr std::string_view k_replica = "slave";
constexpr std::string_view k_command = "cmdstat_";
constexpr std::string_view k_latency = "latency_percentiles_usec_";

/// The number of "db12", if the name is the prefix and a number.
std::optional<std::int64_t> number_behind(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || name.substr(prefix.size()).starts_with('-')) {
        return {};
    }
    return parse<std::int64_t>(name.substr(prefix.size()));
}

/// Takes what stands before the next comma off the text.
std::string_view take_part(std::string_view& text) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

// Products that speak the protocol print a redis_version as well, so their own field decides.
void name_product(ServerInfo& server) {
    static constexpr std::pair<std::string_view, std::string_view> k_products[] = {
        {"valkey", "valkey_version"},   {"dragonfly", "dragonfly_version"},
        {"kvrocks", "kvrocks_version"}, {"garnet", "garnet_version"},
        {"keydb", "mvcc_depth"},        {"redict", "redict_version"},
        {"upstash", "upstash_version"},
    };
    for (const auto& [name, field] : k_products) {
        const auto version = server.info.text(field);
        if (version.empty()) {
            continue;
        }
        server.name = name;
        server.version = name == "keydb" ? server.info.text("redis_version") : version;
        return;
    }
    if (const auto version = server.info.text("redis_version"); !version.empty()) {
        server.name = "redis";
        server.version = version;
    }
}

}  // namespace

InfoFields::InfoFields(std::string_view info_text) {
    while (!info_text.empty()) {
        const auto end = info_text.find('\n');
        auto line = info_text.substr(0, end);
        info_text.remove_prefix(end == std::string_view::npos ? info_text.size() : end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos) {
            continue;
        }
        m_fields.insert_or_assign(std::string(line.substr(0, colon)),
                                  std::string(line.substr(colon + 1)));
    }
}

void InfoFields::add(const InfoFields& others) {
    for (const auto& [name, text] : others.m_fields) {
        m_fields.insert_or_assign(name, text);
    }
}

std::string_view InfoFields::text(std::string_view name) const {
    const auto found = m_fields.find(name);
    return found == m_fields.end() ? std::string_view() : found->second;
}

std::optional<std::int64_t> InfoFields::integer(std::string_view name) const {
    return parse<std::int64_t>(text(name));
}

std::optional<double> InfoFields::number(std::string_view name) const {
    return parse<double>(text(name));
}

std::vector<DatabaseInfo> InfoFields::databases() const {
    std::vector<DatabaseInfo> databases;
    for (const auto& [name, text] : m_fields) {
        if (const auto number = number_behind(name, k_database)) {
            databases.push_back({*number, InfoParts(text)});
        }
    }
    std::sort(databases.begin(), databases.end(),
              [](const DatabaseInfo& a, const DatabaseInfo& b) { return a.number < b.number; });
    return databases;
}

InfoParts InfoFields::database(std::int64_t number) const {
    return InfoParts(text(std::string(k_database).append(std::to_string(number))));
}

std::uint64_t InfoFields::keys() const {
    std::uint64_t keys = 0;
    for (const DatabaseInfo& database : databases()) {
        keys += database.parts.count("keys").value_or(0);
    }
    return keys;
}

std::vector<CommandInfo> InfoFields::commands() const {
    std::vector<CommandInfo> commands;
    for (const auto& [name, text] : m_fields) {
        if (!name.starts_with(k_command)) {
            continue;
        }
        commands.push_back({std::string_view(name).substr(k_command.size()), InfoParts(text)});
    }
    return commands;
}

InfoParts InfoFields::command(std::string_view name) const {
    return InfoParts(text(std::string(k_command).append(name)));
}

InfoParts InfoFields::latency(std::string_view command) const {
    return InfoParts(text(std::string(k_latency).append(command)));
}

std::vector<InfoParts> InfoFields::replicas() const {
    std::vector<std::pair<std::int64_t, InfoParts>> replicas;
    for (const auto& [name, text] : m_fields) {
        if (const auto number = number_behind(name, k_replica)) {
            replicas.emplace_back(*number, InfoParts(text));
        }
    }
    std::sort(replicas.begin(), replicas.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<InfoParts> in_order;
    for (const auto& replica : replicas) {
        in_order.push_back(replica.second);
    }
    return in_order;
}

InfoFields::Kind InfoFields::kind_of(std::string_view name) {
    if (number_behind(name, k_database)) {
        return Kind::database;
    }
    if (number_behind(name, k_replica)) {
        return Kind::replica;
    }
    if (name.starts_with(k_command)) {
        return Kind::command;
    }
    return name.starts_with(k_latency) ? Kind::latency : Kind::plain;
}

std::string_view InfoParts::text(std::string_view name) const {
    for (std::string_view rest = m_text; !rest.empty();) {
        const std::string_view part = take_part(rest);
        if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") {
            continue;
        }
        return part.substr(name.size() + 1);
    }
    return {};
}

std::optional<std::int64_t> InfoParts::integer(std::string_view name) const {
    return parse<std::int64_t>(text(name));
}

std::optional<std::uint64_t> InfoParts::count(std::string_view name) const {
    return parse<std::uint64_t>(text(name));
}

std::optional<double> InfoParts::number(std::string_view name) const {
    return parse<double>(text(name));
}

std::vector<std::pair<std::string_view, std::string_view>> InfoParts::all() const {
    std::vector<std::pair<std::string_view, std::string_view>> parts;
    for (std::string_view rest = m_text; !rest.empty();) {
        const std::string_view part = take_part(rest);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        parts.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
    return parts;
}

bool ServerInfo::is_read_only_replica() const {
    return role == "replica" && info.text("slave_read_only") == "1";
}

bool takes_no_touch(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    if (version < Version{7, 2}) {
        return false;
    }
    const auto is_between = [&](Version first, Version end) {
        return first <= version && version < end;
    };
    if (server.name == "redis") {
        return !is_between({8, 0}, {8, 4});
    }
    if (server.name == "redict") {
        return true;
    }
    return server.name == "valkey" && !is_between({8, 1}, {8, 2});
}

bool lists_hash_names(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    return (server.name == "redis" && version >= Version{7, 4}) ||
           (server.name == "valkey" && version >= Version{8, 0});
}

bool sets_many_strings(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    return (server.name == "redis" && version >= Version{8, 4}) ||
           (server.name == "valkey" && version >= Version{9, 1});
}

bool expires_hash_fields(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    return (server.name == "redis" && version >= Version{7, 4}) ||
           (server.name == "valkey" && version >= Version{9, 0});
}

ServerInfo server_info_from(const Reply& hello, const Reply& info) {
    ServerInfo server;
    for (std::size_t i = 0; hello.is_array() && i + 1 < hello.elements.size(); i += 2) {
        const auto& field = hello.elements[i].text;
        const auto& value = hello.elements[i + 1].text;
        if (field == "server") {
            server.name = value;
        }
        if (field == "version") {
            server.version = value;
        }
        if (field == "mode") {
            server.mode = value;
        }
        if (field == "role") {
            server.role = value;
        }
    }
    if (info.is_text()) {
        server.info = InfoFields(info.text);
        name_product(server);
        server.run_id = server.info.text("run_id");
        server.role = server.info.text("role");
        // Valkey has its own name and Redis', the others their own alone; HELLO's word stays where
        // INFO has none.
        for (const char* field : {"server_mode", "redis_mode", "redict_mode"}) {
            if (const auto mode = server.info.text(field); !mode.empty()) {
                server.mode = mode;
                break;
            }
        }
    }
    if (server.role == "slave") {
        server.role = "replica";
    }
    return server;
}

}  // namespace cachectl
