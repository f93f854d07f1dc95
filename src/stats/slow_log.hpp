// The slow log: which commands took long, and whose they were
// (https://redis.io/docs/latest/commands/slowlog-get/). Valkey's COMMANDLOG GET … slow is the same
// log, which it still has under the old name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "redis/reply.hpp"
#include "stats/reader.hpp"

namespace cachectl {

/// One entry of a slow log.
struct SlowCommand {
    std::string node;  // whose log it is; empty for a single server
    std::int64_t id = 0;
    std::chrono::seconds at{0};  // since 1970, by the server's clock, when it was logged
    std::chrono::microseconds took{0};
    std::string shape;    // see stats/command_shape
    std::string command;  // as INFO commandstats calls it: "config|get"
    std::string address;  // of the client: "10.0.3.7:38468"
    std::string client;   // the name that it has given itself; empty: none
};

/// The entries of a reply, in its order, the newest first; what is not an entry is left out.
std::vector<SlowCommand> parse_slow_log(const Reply& reply);

/// Reads the slow logs of all servers, as far as they are new and a reply of a slice has room.
class SlowLogs {
public:
    /// Both outlive this.
    SlowLogs(Client& client, Reader& reader, Lacking& lacking)
        : m_client(client), m_reader(reader), m_lacking(lacking) {}

    /// What has come since the last call, of each server the newest first; the first time, what
    /// there is. The newest k_most of a server at most.
    std::vector<SlowCommand> read_new();
    /// Whether that server has refused to tell them, the last time.
    [[nodiscard]] bool are_refused_by(const std::string& node) const {
        return m_refusing.contains(node);
    }

    static constexpr std::size_t k_most = 128;  // which is also what servers keep by default
    /// Completes "cannot …"; see Lacking.
    static constexpr const char* k_attempted = "read the slow log";

private:
    [[nodiscard]] std::size_t more_wanted(const ServerNode& node, const Reply& newest) const;

    Client& m_client;
    Reader& m_reader;
    Lacking& m_lacking;
    std::map<std::string, std::int64_t> m_newest;  // the id that was seen last, by node
    std::set<std::string> m_refusing;
};

}  // namespace cachectl
