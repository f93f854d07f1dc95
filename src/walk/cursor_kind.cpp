#include "walk/cursor_kind.hpp"

#include "redis/version.hpp"

namespace cachectl {

namespace {

/// What Redis has had since 6.2 is in all of 8. Valkey has another hash table from 8.1 on (buckets
/// of seven keys with chains), whose cursors are bucket indices in the same order.
constexpr Version k_redis_first{6, 2}, k_redis_last{8, 999};
constexpr Version k_valkey_first{7, 2}, k_valkey_last{9, 999};
constexpr Version k_redict_first{7, 3}, k_redict_last{7, 999};
/// From these on a cluster's node has a table for each slot (kvstore.c).
constexpr Version k_redis_slots{7, 4}, k_valkey_slots{8, 0}, k_redict_slots{7, 3};

bool mentions(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

/// Redis Software and Redis Cloud answer INFO in the name of all shards that they stand before, as
/// a standalone Redis with a run_id; only that they were built of nothing, and run no program,
/// tells them apart.
bool is_proxy(const InfoFields& info) {
    const std::string_view build = info.text("redis_build_id");
    const bool all_zeros = build.size() > 1 && build.find_first_not_of('0') == build.npos;
    return all_zeros || !info.text("rlec_version").empty();
}

}  // namespace

CursorKind cursor_kind(const ServerInfo& server) {
    if (!why_cursors_are_unknown(server).empty()) {
        return CursorKind::unknown;
    }
    const Version by_slots = server.name == "valkey"   ? k_valkey_slots
                             : server.name == "redict" ? k_redict_slots
                                                       : k_redis_slots;
    const bool has_slots = server.mode == "cluster" && Version::parse(server.version) >= by_slots;
    return has_slots ? CursorKind::slot_and_hash : CursorKind::hash;
}

std::string why_cursors_are_unknown(const ServerInfo& server) {
    const InfoFields& info = server.info;
    // Products that show a redis_version besides their own, and mean something else by a cursor.
    for (const char* field : {"dragonfly_version", "kvrocks_version", "garnet_version",
                              "mvcc_depth", "storage_provider", "upstash_version"}) {
        if (info.text(field).empty()) {
            continue;
        }
        const bool is_named = !server.name.empty() && !server.is_of_known_kind();
        return "the server is " + (is_named ? server.name + ", " : "") +
               "not Redis or Valkey itself";
    }
    if (info.empty() || server.run_id.empty()) {
        return "the server does not say what it is (INFO)";
    }
    if (mentions(info.text("executable"), "keydb")) {
        return "the server is KeyDB";
    }
    if (mentions(info.text("os"), "Amazon")) {
        return "the server is a managed service";
    }
    if (is_proxy(info)) {
        return "the server is a proxy of Redis Software or Redis Cloud";
    }
    if (server.mode != "standalone" && server.mode != "cluster") {
        return "the server is neither a standalone one nor a cluster's node";
    }
    const Version version = Version::parse(server.version);
    if (server.name == "redis" && k_redis_first <= version && version <= k_redis_last) {
        return {};
    }
    if (server.name == "valkey" && k_valkey_first <= version && version <= k_valkey_last) {
        return {};
    }
    if (server.name == "redict" && k_redict_first <= version && version <= k_redict_last) {
        return {};
    }
    return (server.name.empty() ? "the server" : server.name + " " + server.version) +
           " has not been tried";
}

}  // namespace cachectl
