// The commands that read a value: their replies checked, several of them in one round trip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

class ValueCalls {
public:
    using Command = std::vector<std::string>;

    explicit ValueCalls(Client& client) : m_client(client) {}

    /// Sends all commands in one write and waits for all replies, which may be errors.
    [[nodiscard]] std::vector<Reply> all(const std::vector<Command>& commands);
    /// Throws what check() throws unless the reply is an array.
    [[nodiscard]] Reply array(const Command& command);
    /// Where the latest reply has come from.
    [[nodiscard]] const ReplyOrigin& origin() const { return m_origin; }
    /// How many replies have come over another connection than the one before.
    [[nodiscard]] std::uint64_t changes_of_connection() const { return m_changes; }
    [[nodiscard]] std::uint64_t number(const Reply& reply) const;

    /// Bytes that a collection takes in memory, all its elements added up (MEMORY USAGE … SAMPLES
    /// 0). Nothing where that would cost the server more than a moment, or where it does not tell.
    [[nodiscard]] std::optional<std::uint64_t> exact_size(const std::string& key,
                                                          std::uint64_t elements);

    /// Throws, if the reply is not as expected: Error(partial) for a key that has changed its type,
    /// else the server's refusal.
    void check(const Reply& reply, bool as_expected) const;

    [[nodiscard]] const ServerInfo& server() const { return m_client.server(); }

private:
    Client& m_client;
    ReplyOrigin m_origin;
    std::uint64_t m_changes = 0;
};

}  // namespace cachectl
