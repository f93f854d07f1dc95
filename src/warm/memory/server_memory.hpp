// How much room a server has, as INFO tells it
// (https://redis.io/docs/latest/commands/info/, "memory").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/info.hpp"
#include "warm/memory/estimate.hpp"

namespace cachectl {

/// All in bytes.
struct ServerMemory {
    std::uint64_t used = 0;    // of what counts towards the limit: replication buffers do not
    std::uint64_t limit = 0;   // maxmemory; 0: none
    std::uint64_t system = 0;  // of the machine; 0: not known
    /// By how much the replication backlog may still grow, which counts towards the limit
    /// (freeMemoryGetNotCountedMemory() in the server's evict.c).
    std::uint64_t backlog = 0;
    /// Of what is used: tables that larger ones have taken the place of, and that are freed once
    /// their entries have been moved. Nothing where the server does not tell (before Redis 7.4).
    std::optional<std::uint64_t> passing;
    std::string policy;
    std::string name;         // of one of several servers
    std::size_t servers = 1;  // added up

    /// Nothing if the server would not say. `name` is empty where there is only one.
    static std::optional<ServerMemory> of(const InfoFields& info, std::string_view name = {});
    /// As they said when the connections were made; of a cluster all masters together, because keys
    /// go to each alike. Nothing if one of them would not say.
    static std::optional<ServerMemory> of(const std::vector<ServerNode>& nodes);
    /// The one of them with the least room below its limit, as they said then. Nothing if none has
    /// a limit, or none would say.
    static std::optional<ServerMemory> fullest_of(const std::vector<ServerNode>& nodes);
    /// The same as they say now.
    static std::optional<ServerMemory> ask_for_fullest(Client& client);

    /// What is left below the limit, and without one of the machine's memory.
    [[nodiscard]] std::uint64_t unused() const;
    /// For what stays: the same and what passes, but for a reserve of a hundredth of the limit,
    /// which buffers and others may take.
    [[nodiscard]] std::uint64_t room() const;
    /// The same when half of the reserve may be taken, by which an estimate may be wrong.
    [[nodiscard]] std::uint64_t last_room() const;
    /// For what is there at one moment, whether it stays or passes: unused(), but for the least
    /// that connections need.
    [[nodiscard]] std::uint64_t room_at_once() const;
    /// For what is written now and stays: the less of room() and room_at_once().
    [[nodiscard]] std::uint64_t room_now() const;
    /// Whether it is nearer to its limit; not if it has none.
    [[nodiscard]] bool is_fuller_than(const std::optional<ServerMemory>& other) const;
    /// Whether the server deletes keys to make room.
    [[nodiscard]] bool evicts() const { return policy != "noeviction"; }
    /// "it uses 1.2 GiB of 2.0 GiB, and its policy is allkeys-lru"; a master is called by its name.
    [[nodiscard]] std::string description() const;

private:
    [[nodiscard]] std::uint64_t reserve() const;
    [[nodiscard]] std::uint64_t lasting_room(std::uint64_t reserve) const;
};

/// Of INFO's "db3:keys=10,expires=2,avg_ttl=0"; none if the database is empty.
KeyCounts key_counts(const InfoFields& info, int db);

}  // namespace cachectl
