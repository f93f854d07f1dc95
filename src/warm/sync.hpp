// --sync: after a complete load, the keys of some patterns that the run did not make are deleted,
// as `invalidate` would delete them. --switch: then a key points at what was loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/change.hpp"
#include "change/guard.hpp"
#include "cli/context.hpp"
#include "walk/key_ledger.hpp"
#include "warm/release_plan.hpp"
#include "warm/release_summary.hpp"

namespace cachectl {

class WarmSync {
public:
    /// Checks patterns and consent. Throws Error, when nothing has been sent.
    WarmSync(Context& ctx, const ReleasePlan& plan, ChangeOptions options, const PaceFlags& pace,
             const Guards& guards, SyncSummary& summary);

    /// For every key that a row of the input stands for, whatever becomes of it.
    void note(std::string_view key);
    /// When all has been noted. Throws Error(guard) for a pattern that matches none of these keys.
    void check() const;

    /// The connection that it goes over. Throws Error if there is none, or a part of the cluster is
    /// out of reach.
    Client& connect();
    /// Counts, and asks, if that is needed. False if there is nothing to delete or this is a dry
    /// run, or it was interrupted. Throws why nothing may be deleted.
    bool prepare();
    /// Deletes, and saves what it deletes there, if that is not null. Throws what stopped it.
    void run(Backup* backup);
    /// How long a person was asked, which is no time of the run's.
    [[nodiscard]] std::chrono::steady_clock::duration time_asked() const { return m_time_asked; }

private:
    static constexpr std::size_t k_hashes_in_memory = 64 * 1024;

    struct Pattern {
        std::string glob;
        bool matches = false;  // one of the keys that were made
    };

    [[nodiscard]] ChangeWork make_work(const ReleasePlan& plan, const PaceFlags& pace,
                                       const Guards& guards);
    [[nodiscard]] bool keeps(const std::string& key);
    void check_all_there();
    void count_to_come();
    void check_count() const;
    /// Copies the figures. Throws what stopped the deletion, if it was no signal.
    void settle();
    std::optional<Error> take_outcome();
    bool approve();

    Context& m_ctx;
    ChangeOptions m_options;
    SyncSummary& m_summary;
    std::vector<Pattern> m_patterns;
    std::optional<std::string> m_pointer;
    KeyLedger m_made{k_hashes_in_memory};  // keys of rows that a pattern matches
    KeyLedger m_met{k_hashes_in_memory};   // keys of m_made that the counting walk has found
    bool m_is_counting = false;
    std::uint64_t m_to_come = 0;  // of a dry run: keys of m_made that are not there yet
    std::chrono::steady_clock::duration m_time_asked{};
    Change m_change;
};

class WarmSwitch {
public:
    /// Throws Error(guard) if the pointer is a protected key.
    WarmSwitch(const ReleasePlan::Pointer& pointer, const Guards& guards, SwitchSummary& summary);

    /// For every key that a row stands for. Throws Error(guard) if it is the pointer.
    void note(std::string_view key) const;
    /// What the pointer is now. Throws Error(guard) if it can be none, Error if it cannot be read.
    void look(Client& client);
    /// Sets it, without a time to live, when what it was is saved in `backup`, if that is not null.
    /// Throws Error if it cannot be saved, or setting it is refused or nobody knows.
    void point(Client& client, Backup* backup);

private:
    void save(Client& client, Backup& backup) const;

    SwitchSummary& m_summary;
};

}  // namespace cachectl
