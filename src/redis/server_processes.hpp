// Which server processes a run writes to: keys in memory are lost with the process, so whoever has
// written for a while has to know that it is still the same one at the end.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

class ServerProcesses {
public:
    /// Those that the client is connected to now.
    explicit ServerProcesses(Client& client);

    /// Their run ids, sorted; empty for one that would not say.
    [[nodiscard]] std::vector<std::string> run_ids() const;
    /// Their run ids, each with the id of its replication history, which is another one after the
    /// process has been a replica. Sorted; empty for one that would not say.
    [[nodiscard]] std::vector<std::string> identities() const;

    /// Asks each for a sign of life, connecting anew where that is needed, and compares. Nothing if
    /// all keys that were written may still be there: the processes are the same and have been
    /// masters all the time, or they are replicas that took over, for which it waits as long as a
    /// failover may take. Else Error(partial), or why a server is out of reach.
    std::optional<Error> check(Client& client);

    /// The same for changes that have to be there: a replica that took over may lack the last of
    /// them, so that is Error(partial) too, as is a server that cannot be asked.
    std::optional<Error> check_changes(Client& client);

    /// Names of servers that took over for their masters, each returned once.
    std::vector<std::string> take_promoted();

private:
    std::optional<Error> check_nodes(Client& client);
    std::optional<Error> check_node(const ServerNode& node);
    [[nodiscard]] bool was_replica(const ServerInfo& server) const;
    void note_promoted(const ServerNode& node, const ServerInfo& server);

    std::chrono::steady_clock::time_point m_begin;
    std::multiset<std::string> m_first;  // run ids at the beginning
    std::multiset<std::string> m_identities;
    std::set<std::string> m_names;      // of those that were connected at the beginning
    std::set<std::string> m_known;      // run ids: those, and of replicas that took over
    std::set<std::string> m_histories;  // replication ids
    std::vector<std::string> m_promoted;
};

}  // namespace cachectl
