// One key with all that can be told of it, its value read in pages and never further than asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

struct ValueLimits {
    std::uint64_t bytes = 4096;    // of a string, and of each element; 0: all of it
    std::uint64_t elements = 100;  // of a collection; 0: all of them
};

/// One element of a collection; which members count depends on the type.
struct ValueElement {
    std::string name;   // a hash's field, a stream entry's id
    std::string bytes;  // a hash's value, a member of a list, set or sorted set
    std::string score;  // of a sorted set, as the server writes it: "1.5", "-inf"
    std::vector<std::pair<std::string, std::string>> fields;  // of a stream's entry
};

struct KeyRecord {
    std::string key;
    std::string type;                              // "string", "hash" …, or a module's own
    std::optional<std::chrono::milliseconds> ttl;  // nothing: never expires
    // Nothing where the server does not tell (NOPERM, LFU).
    std::string encoding;
    std::optional<std::uint64_t> size_bytes;  // in memory
    std::optional<std::chrono::seconds> idle;
    /// Bytes of a string, elements of a collection; nothing for a module's type.
    std::optional<std::uint64_t> length;

    /// Whether there is more of the value than was read: a limit, or a signal, stopped it.
    bool truncated = false;
    bool elements_cut = false;           // an element was longer than the limit
    std::string text;                    // of a string
    std::vector<ValueElement> elements;  // of a collection

    /// A type whose value we can read; else a module's.
    [[nodiscard]] bool is_readable() const { return length.has_value(); }
};

/// Reads the key; nothing if it does not exist. What may be asked without touching the key's LRU
/// and LFU clock is asked first. Throws Error(refused) where the server does not let us,
/// Error(partial) when the key changes its type in between.
std::optional<KeyRecord> read_key(Client& client, const std::string& key,
                                  const ValueLimits& limits);

}  // namespace cachectl
