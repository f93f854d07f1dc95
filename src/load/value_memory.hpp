// How much memory a value takes in a server: what its allocator hands out for each part of it.
//
// The layouts are those of the servers' sources (Redis 7.0 and 8.0: src/dict.c, sds.c, object.c,
// listpack.c; Valkey 8.1: src/hashtable.c), the limits of small encodings their defaults, the size
// classes jemalloc's.
#pragma once

#include <cstddef>
#include <string_view>

#include "dump/encode.hpp"
#include "redis/server_info.hpp"

namespace cachectl {

/// What differs between servers.
struct MemoryModel {
    enum class Tables {
        dict,          // each entry, its name and its value by themselves
        embedded_key,  // dict, but the entry of a key holds the key (Valkey 8.0)
        hashtable,     // no entries: what hangs in the table holds name, expiry and a small value
    };
    Tables tables = Tables::dict;
    bool small_lists_and_sets = false;  // they are one listpack each, since 7.2
    /// In a cluster, in bytes: what links a key with the others of its slot (before Redis 7.4), or
    /// what each slot's own table of keys, and that of their expiries, costs besides its entries.
    std::size_t slot_link = 0;
    std::size_t slot_keys = 0;
    std::size_t slot_expiries = 0;

    /// Of a server that would not say what it is: the one that takes most.
    static MemoryModel of(const ServerInfo& server);
};

/// What jemalloc hands out for so many bytes.
std::size_t allocated_size(std::size_t bytes);

/// A text with its header and the zero byte behind it (sds.h); a name may have a shorter header.
std::size_t text_size(std::string_view text);
std::size_t name_size(std::string_view text);

/// Numbers are stored as such: those that are written back as the same text.
bool is_stored_as_number(std::string_view text);

/// A text as an element of a listpack.
std::size_t listpack_entry_size(std::string_view text);

/// A table's pointers for so many entries, and what an entry costs besides; of a Tables::hashtable
/// the buckets.
std::size_t table_size(const MemoryModel& model, std::size_t entries);

/// Of a hash, list, set or zset, what stands behind its object; 0 for strings.
std::size_t collection_memory(const MemoryModel& model, const Encoded& value);

}  // namespace cachectl
