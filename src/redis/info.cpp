#include "redis/info.hpp"

#include <algorithm>
#include <charconv>

#include "redis/version.hpp"

namespace cachectl {

namespace {

template <typename Number>
std::optional<Number> parse(std::string_view text) {
    Number value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

// Products that speak the protocol print a redis_version as well, so their own field decides.
void name_product(ServerInfo& server) {
    static constexpr std::pair<std::string_view, std::string_view> k_products[] = {
        {"valkey", "valkey_version"},   {"dragonfly", "dragonfly_version"},
        {"kvrocks", "kvrocks_version"}, {"garnet", "garnet_version"},
        {"keydb", "mvcc_depth"},
    };
    for (const auto& [name, field] : k_products) {
        const auto version = server.info.text(field);
        if (version.empty()) continue;
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
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos) continue;
        m_fields.insert_or_assign(std::string(line.substr(0, colon)),
                                  std::string(line.substr(colon + 1)));
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

std::optional<std::uint64_t> info_part(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") continue;
        return parse<std::uint64_t>(part.substr(name.size() + 1));
    }
    return std::nullopt;
}

std::uint64_t keys_told(const ServerInfo& server) {
    std::uint64_t keys = 0;
    for (const auto& [name, text] : server.info.all()) {
        if (name.starts_with("db")) keys += info_part(text, "keys").value_or(0);
    }
    return keys;
}

bool takes_no_touch(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    if (version < Version{7, 2}) return false;
    const auto is_between = [&](Version first, Version end) {
        return first <= version && version < end;
    };
    if (server.name == "redis") return !is_between({8, 0}, {8, 4});
    return server.name == "valkey" && !is_between({8, 1}, {8, 2});
}

bool lists_hash_names(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    return (server.name == "redis" && version >= Version{7, 4}) ||
           (server.name == "valkey" && version >= Version{8, 0});
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
        if (field == "server") server.name = value;
        if (field == "version") server.version = value;
        if (field == "mode") server.mode = value;
        if (field == "role") server.role = value;
    }
    if (info.is_text()) {
        server.info = InfoFields(info.text);
        name_product(server);
        server.run_id = server.info.text("run_id");
        server.role = server.info.text("role");
        // Valkey has both names, Redis only its own.
        const auto mode = server.info.text("server_mode");
        server.mode = mode.empty() ? server.info.text("redis_mode") : mode;
    }
    if (server.role == "slave") server.role = "replica";
    return server;
}

}  // namespace cachectl
