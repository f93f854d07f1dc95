#include "restore/rdb_versions.hpp"

#include <array>
#include <string_view>

#include "redis/version.hpp"

namespace cachectl {

namespace {

/// From Valkey 9.0 on, whose makers keep the numbers before it for others.
constexpr int k_first_of_valkey = 80;
/// The last that both Redis and Valkey write.
constexpr int k_last_of_both = 11;

struct Servers {
    std::string_view name;
    Version from;
    std::optional<int> version;
};

/// RDB_VERSION of src/rdb.h, those of later servers before those of earlier ones.
constexpr std::array k_servers = {
    Servers{"redis", {8, 6}, {}},  Servers{"redis", {7, 4}, 12},  Servers{"redis", {7, 2}, 11},
    Servers{"redis", {7, 0}, 10},  Servers{"redis", {5, 0}, 9},   Servers{"valkey", {10, 0}, {}},
    Servers{"valkey", {9, 0}, 80}, Servers{"valkey", {7, 2}, 11}, Servers{"redict", {7, 4}, {}},
    Servers{"redict", {7, 3}, 12},
};

}  // namespace

std::optional<int> rdb_version_of(const ServerInfo& server) {
    const Version version = Version::parse(server.version);
    for (const Servers& servers : k_servers) {
        if (server.name == servers.name && version >= servers.from) {
            return servers.version;
        }
    }
    return std::nullopt;
}

bool refuses_rdb_version(int own, int version) {
    const bool is_of_others =
        own >= k_first_of_valkey && version > k_last_of_both && version < k_first_of_valkey;
    return version > own || is_of_others;
}

}  // namespace cachectl
