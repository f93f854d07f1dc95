// FLUSHDB and FLUSHALL: databases emptied as a whole, by one command to each server, which is never
// sent twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "change/key_changer.hpp"
#include "redis/client.hpp"

namespace cachectl {

enum class FlushScope { database, all_databases };

/// What a server says that it holds. That is a hint: some servers count seldom, and begin with 0.
struct DatabaseSizes {
    std::uint64_t keys = 0;
    std::vector<std::pair<std::string, std::uint64_t>> by_database;  // "db0", most keys first
};

struct FlushOutcome {
    ChangeTally tally;
    std::optional<Error> failure;
};

class DatabaseFlush {
public:
    /// `database`: that was selected. `without`: slots of a cluster whose masters may be out of
    /// reach.
    DatabaseFlush(Client& client, FlushScope scope, unsigned database,
                  std::vector<SlotRange> without);

    /// Asks all servers what they hold; connects anew where the connection was closed meanwhile.
    /// Throws if one of them does not answer, or if it is not the process any more that answered
    /// when this was made.
    DatabaseSizes look();

    /// Whether slots of a cluster are on their way from one node to another: what a node hands over
    /// before it is emptied survives at the one that has been.
    [[nodiscard]] bool slots_move() const;

    /// Empties the servers that the latest look() found. One server's failure does not keep the
    /// others from being emptied, and it is not forgotten.
    FlushOutcome run();

private:
    struct Target {
        ServerNode node;
        DatabaseSizes sizes;
    };

    [[nodiscard]] std::vector<Target> ask_all();
    void connect_anew();
    std::optional<Error> flush(const Target& target, ChangeTally& tally);
    [[nodiscard]] std::string_view command() const;

    Client& m_client;
    FlushScope m_scope;
    unsigned m_database;
    std::vector<SlotRange> m_without;
    std::string m_run_id;
    std::vector<Target> m_targets;
};

}  // namespace cachectl
