// How much memory keys will take in a server, before they are in it.
//
// The layouts are those of the servers' sources (Redis 7.0 and 8.0: src/db.c, object.c; Valkey 8.0:
// src/dict.c with embedded keys; Valkey 8.1: src/object.c, hashtable.c). The tests compare with
// what the servers themselves say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "load/value_memory.hpp"

namespace cachectl {

/// What one key takes, in bytes; the tables that lead to it are left out.
std::size_t key_memory(const MemoryModel& model, std::string_view key, const Encoded& value,
                       bool expires);

/// How many keys are in a database.
struct KeyCounts {
    std::uint64_t keys = 0;
    std::uint64_t expiring = 0;
};

/// Adds keys up.
class MemoryEstimate {
public:
    explicit MemoryEstimate(const MemoryModel& model = {}) : m_model(model) {}

    /// Returns what this key adds, in bytes.
    std::size_t add(std::string_view key, const Encoded& value, bool expires);
    /// `factor` times as many keys of the kinds that `other` has.
    void add(const MemoryEstimate& other, double factor);

    [[nodiscard]] double keys() const { return m_keys; }
    /// What the commands that write them are, in bytes, about.
    [[nodiscard]] std::uint64_t sent_bytes() const {
        return static_cast<std::uint64_t>(m_sent_bytes);
    }

    /// What the server will need at its peak, in bytes: a table that grows is there twice for a
    /// while, so that the old and the new one count; so is a value that is being sent.
    [[nodiscard]] std::uint64_t bytes(const KeyCounts& existing = {}) const;

private:
    MemoryModel m_model;
    double m_key_bytes = 0;
    double m_sent_bytes = 0;
    double m_keys = 0;
    double m_expiring = 0;
    std::size_t m_largest = 0;  // of all keys
};

}  // namespace cachectl
