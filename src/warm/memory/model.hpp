// How a server lays keys out in memory, and what its allocator hands out for each part of them.
#pragma once

#include <cstddef>
#include <string_view>

#include "redis/info.hpp"

namespace cachectl {

// What every version takes for these, in bytes.
inline constexpr std::size_t k_pointer = 8;
inline constexpr std::size_t k_object = 16;
inline constexpr std::size_t k_dict_entry = 24;
inline constexpr std::size_t k_dict = 56;
inline constexpr std::size_t k_hashtable = 88;

/// What differs between servers.
struct MemoryModel {
    enum class Tables {
        dict,          // each entry, its name and its value by themselves
        embedded_key,  // dict, but the entry of a key holds the key (Valkey 8.0)
        hashtable,     // no entries: what hangs in the table holds name, expiry and a small value
    };
    Tables tables = Tables::dict;
    /// Objects and the nodes of sorted sets have no pointer to a text that they hold, and objects
    /// hold longer ones (Valkey 9.1).
    bool lean_objects = false;
    bool small_lists_and_sets = false;  // they are one listpack each, since 7.2
    bool shared_numbers = false;        // strings that are small numbers take no object
    /// In a cluster, in bytes: what links a key with the others of its slot (before Redis 7.4), or
    /// what each slot's own table of keys, and that of their expiries, costs besides its entries.
    std::size_t slot_link = 0;
    std::size_t slot_keys = 0;
    std::size_t slot_expiries = 0;
    /// Servers that the keys are spread over, each with tables of its own unless slots have them.
    std::size_t masters = 1;

    /// Of a server that would not say what it is: the one that takes most.
    static MemoryModel of(const ServerInfo& server);
    /// The oldest server that lays keys out so: "redis-7.0", "redis-7.2", "valkey-8.0",
    /// "valkey-8.1", "valkey-9.1".
    [[nodiscard]] std::string_view name() const;
};

/// The bytes that jemalloc hands out for a request of that size.
std::size_t allocated_size(std::size_t bytes);

}  // namespace cachectl
