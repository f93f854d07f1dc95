// How much memory keys will take in a server, before they are in it.
//
// The layouts are those of the servers' sources (Redis 7.0 and 8.0: src/db.c, object.c; Valkey 8.0:
// src/dict.c with embedded keys; Valkey 8.1: src/object.c, hashtable.c). The tests compare with
// what the servers themselves say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "warm/memory/layout.hpp"

namespace cachectl {

/// What one key takes, in bytes; the tables that lead to it are left out.
std::size_t key_memory(const MemoryModel& model, std::string_view key, const Encoded& value,
                       bool expires);

/// How many keys are in a database.
struct KeyCounts {
    std::uint64_t keys = 0;
    std::uint64_t expiring = 0;
};

/// What a server needs at its peak while keys are written, in bytes.
struct MemoryPeak {
    std::uint64_t most = 0;   // where they are written without a pause
    std::uint64_t least = 0;  // where the writer waits when a grown table leaves too little room
};

/// Adds keys up.
class MemoryEstimate {
public:
    explicit MemoryEstimate(const MemoryModel& model = {}) : m_model(model) {}

    /// Returns what this key adds, in bytes.
    std::size_t add(std::string_view key, const Encoded& value, bool expires);
    /// `factor` times as many keys of the kinds that `other` has; the values themselves may become
    /// larger too.
    void add(const MemoryEstimate& other, double factor, double value_factor = 1);

    [[nodiscard]] double keys() const { return m_keys; }
    /// What the commands that write them are, in bytes, about.
    [[nodiscard]] std::uint64_t sent_bytes() const {
        return static_cast<std::uint64_t>(m_sent_bytes);
    }

    /// What the largest of them takes, in bytes.
    [[nodiscard]] std::uint64_t largest() const { return static_cast<std::uint64_t>(m_largest); }

    /// What the keys take when all have been written, in bytes, and what the tables that lead to
    /// them grow by.
    [[nodiscard]] std::uint64_t bytes(const KeyCounts& existing = {}) const;
    /// What the server needs for that at its peak: a large value takes more while it arrives, and a
    /// table that has grown is there twice for a while. A server with less room than that for a
    /// larger table goes on with the smaller one for some time.
    [[nodiscard]] MemoryPeak peak(const KeyCounts& existing, std::uint64_t room) const;
    /// When these keys have just been written: what tables that have grown may have left behind, on
    /// one server.
    [[nodiscard]] std::uint64_t passing(const KeyCounts& existing) const;

private:
    [[nodiscard]] double at_rest(const KeyCounts& existing, double share) const;

    MemoryModel m_model;
    double m_key_bytes = 0;
    double m_sent_bytes = 0;
    double m_keys = 0;
    double m_expiring = 0;
    double m_largest = 0;
    std::size_t m_large_text = 0;  // the largest string, as it is kept
    double m_arrival = 0;  // the most that a value takes more while it arrives than afterwards
};

}  // namespace cachectl
