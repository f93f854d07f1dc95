#include "warm/memory/server_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

std::uint64_t bytes(const InfoFields& info, std::string_view name) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(info.integer(name).value_or(0), 0));
}

}  // namespace

std::optional<ServerMemory> ServerMemory::of(const InfoFields& info, std::string_view name) {
    if (!info.integer("used_memory") || !info.integer("maxmemory")) {
        return std::nullopt;
    }
    ServerMemory memory;
    memory.used = bytes(info, "used_memory");
    memory.used -= std::min(memory.used, bytes(info, "mem_not_counted_for_evict"));
    memory.limit = bytes(info, "maxmemory");
    memory.system = bytes(info, "total_system_memory");
    if (info.text("repl_backlog_active") == "1") {
        const std::uint64_t size = bytes(info, "repl_backlog_size");
        memory.backlog = size - std::min(size, bytes(info, "mem_replication_backlog"));
    }
    if (info.integer("mem_overhead_db_hashtable_rehashing")) {
        memory.passing = bytes(info, "mem_overhead_db_hashtable_rehashing");
    }
    memory.policy = info.text("maxmemory_policy");
    memory.name = name;
    return memory;
}

std::optional<ServerMemory> ServerMemory::of(const std::vector<ServerNode>& nodes) {
    std::optional<ServerMemory> sum;
    bool all_limited = true;
    for (const ServerNode& node : nodes) {
        const auto memory = of(node.client->server().info, node.name);
        if (!memory) {
            return std::nullopt;
        }
        all_limited &= memory->limit != 0;
        if (!sum) {
            sum = memory;
            continue;
        }
        sum->used += memory->used;
        sum->limit += memory->limit;
        sum->backlog += memory->backlog;
        if (memory->passing) {
            sum->passing = sum->passing.value_or(0) + *memory->passing;
        }
        sum->system = 0;  // they may share a machine
        ++sum->servers;
    }
    if (sum && !all_limited) {
        sum->limit = 0;
    }
    return sum;
}

std::optional<ServerMemory> ServerMemory::fullest_of(const std::vector<ServerNode>& nodes) {
    std::optional<ServerMemory> fullest;
    for (const ServerNode& node : nodes) {
        const auto memory = of(node.client->server().info, node.name);
        if (memory && memory->is_fuller_than(fullest)) {
            fullest = memory;
        }
    }
    return fullest;
}

std::optional<ServerMemory> ServerMemory::ask_for_fullest(Client& client) {
    std::optional<ServerMemory> fullest;
    client.connect_all();
    for (const ServerNode& node : client.nodes()) {
        const Reply reply = node.client->call({"INFO", "memory"});
        const auto memory = of(InfoFields(reply.is_text() ? reply.text : ""), node.name);
        if (memory && memory->is_fuller_than(fullest)) {
            fullest = memory;
        }
    }
    return fullest;
}

std::uint64_t ServerMemory::unused() const {
    const std::uint64_t most = limit != 0 ? limit : system;
    return most - std::min(most, used);
}

std::uint64_t ServerMemory::reserve() const {
    constexpr std::uint64_t k_least_reserve = std::uint64_t{128} << 10;
    return limit != 0 ? std::max(limit / 100, servers * k_least_reserve) : 0;
}

std::uint64_t ServerMemory::lasting_room(std::uint64_t reserve) const {
    const std::uint64_t most = limit != 0 ? limit : system;
    const std::uint64_t kept = used - std::min(used, passing.value_or(0)) + reserve;
    return most - std::min(most, kept);
}

std::uint64_t ServerMemory::room() const { return lasting_room(reserve()); }

std::uint64_t ServerMemory::last_room() const { return lasting_room(reserve() / 2); }

std::uint64_t ServerMemory::room_at_once() const {
    // A connection that is being written to has buffers for what arrives and what is answered.
    constexpr std::uint64_t k_connections = std::uint64_t{64} << 10;
    return unused() - std::min(unused(), limit != 0 ? servers * k_connections : 0);
}

std::uint64_t ServerMemory::room_now() const { return std::min(room(), room_at_once()); }

bool ServerMemory::is_fuller_than(const std::optional<ServerMemory>& other) const {
    const auto key = [](const ServerMemory& memory) {
        return std::pair(memory.last_room() != 0, memory.room_now());
    };
    return limit != 0 && (!other || key(*this) < key(*other));
}

std::string ServerMemory::description() const {
    const std::string figures = fmt::format("{} of {}", format_size(used), format_size(limit));
    if (servers > 1) {
        return fmt::format("its {} masters use {}, and their policy is {}", servers, figures,
                           policy);
    }
    return fmt::format("{} uses {}, and its policy is {}", name.empty() ? "it" : name, figures,
                       policy);
}

KeyCounts key_counts(const InfoFields& info, int db) {
    const InfoParts parts = info.database(db);
    return {parts.count("keys").value_or(0), parts.count("expires").value_or(0)};
}

}  // namespace cachectl
