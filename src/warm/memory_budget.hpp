// The server's memory in a warm run: whether what will be written fits, that writing ends before
// the limit if it does not, and what the server evicted meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dump/source.hpp"
#include "keyspace/policy.hpp"
#include "util/error.hpp"
#include "warm/input_sample.hpp"
#include "warm/key_writer.hpp"
#include "warm/memory/fit.hpp"
#include "warm/memory/watch.hpp"
#include "warm/plan.hpp"
#include "warm/summary.hpp"

namespace cachectl {

class WarmMemory {
public:
    using Warn = std::function<void(const std::string& message)>;

    /// What the server said of itself when the connection was made is how things were before.
    WarmMemory(Client& client, int db, Eviction eviction, Warn warn);

    /// Before the first key. Throws Error(guard) if what the plan makes does not fit; where that
    /// is no reason to stop, or it cannot be told, warns.
    void check(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
               const UnpackLimits& unpack);

    /// What check() estimated, and the room there was; nothing before it.
    [[nodiscard]] std::optional<WarmFit> fit() const;

    /// After a key has been handed to the writer. False when the server is so full that no more
    /// should be written.
    [[nodiscard]] bool wrote(const KeyWrite& write);
    /// What then stops the run.
    [[nodiscard]] Error nearly_full() const;

    /// How many keys the server has evicted since, whoever wrote; nothing if it evicts none or
    /// would not say.
    std::optional<std::uint64_t> evicted();

private:
    [[nodiscard]] MemoryNeed estimate(const InputSample& sampled, double share_new) const;
    [[nodiscard]] bool may_run_over() const;

    Client& m_client;
    Eviction m_eviction;
    bool m_replaces = false;  // some of what is there may be overwritten
    Warn m_warn;
    MemoryModel m_model;
    std::optional<ServerMemory> m_memory;   // of all masters together
    std::optional<ServerMemory> m_fullest;  // of those that have a limit
    KeyCounts m_existing;
    std::optional<std::int64_t> m_evicted_before;
    MemoryEstimate m_written;           // all that has been handed to the writer
    std::uint64_t m_watched_bytes = 0;  // as far as the watch knows
    std::uint64_t m_unwatched_keys = 0;
    std::uint64_t m_unwatched_bytes = 0;
    MemoryNeed m_need;
    std::optional<MemoryWatch> m_watch;
};

}  // namespace cachectl
