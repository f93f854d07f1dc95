// Asks servers for readings, all of them at once, and for what only some users may see.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"
#include "stats/reading.hpp"

namespace cachectl {

/// Optional figures that a server would not tell, because the user has no right to them or the
/// server does not have the command: a warning each, once, however often it is asked.
class Lacking {
public:
    /// `attempted` completes "cannot …".
    void note(const Reply& reply, std::string_view attempted, const ServerInfo& server);
    /// Those that have come since the last call.
    std::vector<std::string> take();

private:
    std::set<std::string, std::less<>> m_noted;
    std::vector<std::string> m_new;
};

/// What a Reader asks for besides INFO.
struct ReadingWanted {
    bool commands = false;    // INFO commandstats
    bool round_trip = false;  // PING
};

class Reader {
public:
    /// The client outlives this. `give_up` is asked while replies are awaited; empty: never.
    explicit Reader(Client& client, std::function<bool()> give_up = {})
        : m_client(client), m_give_up(std::move(give_up)) {}

    /// A reading of each server, in the order of the client's nodes. Nothing if it was given up.
    /// A connection that is known to have ended, or is closed under the reading, is made anew
    /// before a server counts as one that does not answer: servers and proxies close those that
    /// are idle. Throws LoginRefused where a server does not let us in again.
    std::optional<std::vector<Reading>> read(ReadingWanted wanted);

    /// One PING; `done` gets its round trip, if it is answered. It counts as our own.
    void ping(const ServerNode& node, std::function<void(std::chrono::microseconds)> done);

    /// Whether the other side has closed the connection under one of our commands.
    [[nodiscard]] bool is_closed(const ServerNode& node);
    /// Connects anew; false if it cannot, which the next reading tells of. Throws as read() does.
    bool reconnect(const ServerNode& node);

    /// One command to each of the servers, and their replies in that order; `unsent` for those that
    /// are given up. They count as our own in the next reading.
    /// A node whose command is empty is not asked.
    using Command = std::vector<std::string>;
    std::vector<Reply> ask(std::span<const ServerNode> nodes,
                           const std::function<Command(std::size_t)>& command);
    /// Several commands to each, in one round trip: the replies by command, then by server.
    std::vector<std::vector<Reply>> ask(std::span<const ServerNode> nodes,
                                        std::span<const Command> commands);

private:
    struct Own {
        std::uint64_t commands = 0;
        std::uint64_t reply_bytes = 0;
        std::optional<Reply> broken;  // why the connection has ended, until there is another
    };

    std::shared_ptr<Own> own_of(const std::string& node);
    void send(const ServerNode& node, std::vector<std::string> args, Server::Callback done);
    std::vector<std::size_t> renew(std::span<const ServerNode> nodes,
                                   std::span<const std::size_t> which,
                                   std::vector<Reading>& readings);
    void read_one(const ServerNode& node, ReadingWanted wanted,
                  const std::shared_ptr<Reading>& reading,
                  const std::shared_ptr<std::size_t>& left);
    bool wait_for(const std::shared_ptr<std::size_t>& left);

    Client& m_client;
    std::function<bool()> m_give_up;
    std::map<std::string, std::shared_ptr<Own>> m_own;  // by the node's name
};

/// Bytes that a reply has taken, roughly.
std::size_t reply_bytes(const Reply& reply);

}  // namespace cachectl
