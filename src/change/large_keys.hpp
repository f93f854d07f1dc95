// Keys that are too large to be saved and changed among others: one after the other, their values
// read in pieces while the server watches whether anybody writes to them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "change/backup.hpp"
#include "change/key_changer.hpp"
#include "keyspace/key_facts.hpp"
#include "pace/paces.hpp"
#include "redis/client.hpp"

namespace cachectl {

enum class AllowSlowDump { no, yes };

struct LargeKeyOutcome {
    enum class Fate {
        changed,
        vanished,
        left,         // it needs no change (any more); `decide` has counted it
        moving,       // its slot is being moved to another node, and did not arrive in time
        restless,     // it was written to whenever it had been read
        only_dumped,  // it cannot be read in pieces, and --allow-slow-dump was not given
        refused,      // the server said no to this key
    };
    Fate fate = Fate::changed;
    std::string refusal;
    /// Of one that is only_dumped: how long that would hold the server, about.
    std::chrono::milliseconds dumping{};
};

class LargeKeys {
public:
    using Decide = std::function<std::optional<KeyCommand>(const KeyFacts&)>;

    /// All of them outlive it.
    LargeKeys(Client& client, Paces& paces, Backup& backup, AllowSlowDump allow_slow_dump,
              Conditions conditions = Conditions::known);

    /// Saves it if `decide` would change it, and then does what `decide` says by what it is after
    /// that. Waits for the replies. Throws Error for what is not about this key alone: then it is
    /// as it was, unless it is Error(partial) of a connection that was lost.
    LargeKeyOutcome change(const std::string& key, const FactsWanted& wanted, const Decide& decide);
    /// After an Error: the key may have been changed, as the connection was lost before the
    /// server's answer came.
    [[nodiscard]] bool is_outcome_unknown() const { return m_is_outcome_unknown; }

private:
    using Fate = LargeKeyOutcome::Fate;
    enum class Saved { yes, changed, only_dumped };

    [[nodiscard]] Reply watch(Client& server, const std::string& key);
    [[nodiscard]] std::optional<LargeKeyOutcome> try_and_settle(Client& server,
                                                                const std::string& key,
                                                                const FactsWanted& wanted,
                                                                const Decide& decide);
    [[nodiscard]] std::optional<LargeKeyOutcome> try_once(Client& server, const std::string& key,
                                                          const FactsWanted& wanted,
                                                          const Decide& decide);
    [[nodiscard]] KeyFacts facts_of(Client& server, const std::string& key,
                                    const FactsWanted& wanted);
    [[nodiscard]] Saved save(Client& server, const std::string& key);
    [[nodiscard]] static std::chrono::milliseconds dumping_time(Client& server,
                                                                const std::string& key);
    [[nodiscard]] Saved save_pieces(Client& server, const SavedKey& key, RdbType type);
    [[nodiscard]] Saved save_whole(Client& server, SavedKey key);
    [[nodiscard]] Reply execute(Client& server, const KeyCommand& command);
    void wait_for_pace(const std::string& key, std::uint64_t bytes);

    Client& m_client;
    Paces& m_paces;
    Backup& m_backup;
    AllowSlowDump m_allow_slow_dump;
    Conditions m_conditions;
    // Of the key that is being changed:
    std::uint64_t m_watching = 0;                // the number of the connection that watches it
    bool m_queues = true;                        // its server takes commands in transactions
    std::optional<std::chrono::seconds> m_idle;  // before it was read for nothing
    bool m_is_outcome_unknown = false;
};

}  // namespace cachectl
