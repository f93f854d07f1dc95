// Asks the server for its memory now and then while keys are written, so that writing ends before
// its limit and not by evicting what others need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "redis/client.hpp"
#include "warm/memory/server_memory.hpp"

namespace cachectl {

class MemoryWatch {
public:
    /// The server's memory before the first key; it has a limit.
    MemoryWatch(Client& client, ServerMemory memory);

    /// After a key has been handed to the writer: what it takes, as an estimate, and what may pass
    /// of what the server uses, where the server does not tell. Asks the server, or all masters of
    /// a cluster, when that has become much beside the room that is left; near the limit it waits
    /// for all replies to do so, and where only what passes is in the way, until that is gone.
    void wrote(std::size_t bytes, std::uint64_t passing = 0);

    /// The room that is left is what the server itself needs: no more should be written. Sticks.
    [[nodiscard]] bool is_full() const { return m_full; }
    /// As the server said last; of a cluster's masters the fullest.
    [[nodiscard]] const ServerMemory& memory() const { return m_memory; }

private:
    void ask();
    void take(const Reply& reply, const std::string& node);
    void plan();
    void wait_for_answers();
    void wait_until_passed();

    Client& m_client;
    ServerMemory m_memory;
    bool m_full = false;
    std::size_t m_asked = 0;                // servers whose answers are still to come
    std::optional<ServerMemory> m_fullest;  // of those that have answered
    std::uint64_t m_passing = 0;            // as it was estimated last, in bytes
    std::uint64_t m_written = 0;            // since it was asked last, in bytes
    std::uint64_t m_interval = 0;
};

}  // namespace cachectl
