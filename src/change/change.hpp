// How a command changes keys: check what can be checked, count if somebody has to be asked or a
// guard has to know, ask, change, and say what became of it.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "change/backup.hpp"
#include "change/key_changer.hpp"
#include "change/key_spool.hpp"
#include "change/large_keys.hpp"
#include "change/options.hpp"
#include "change/summary.hpp"
#include "cli/context.hpp"
#include "cli/key_walk.hpp"
#include "keyspace/key_selector.hpp"
#include "keyspace/namespaces.hpp"
#include "keyspace/neighbours.hpp"
#include "redis/server_processes.hpp"
#include "walk/key_ledger.hpp"
#include "walk/recent_keys.hpp"

namespace cachectl {

/// Most keys first.
std::vector<std::pair<std::string, std::uint64_t>> counts_by_name(const NamespaceCounter& counter);

enum class Repeatable { no, yes };

/// What one command does to keys.
struct ChangeWork {
    std::string command;             // "invalidate"
    std::string verb = "delete";     // of the question: "delete", "change the expiry of"
    std::string doing = "deleting";  // of the progress line
    std::optional<ExpiryChange> expiry;
    std::string effect;             // for the question, where there is no expiry: see PlannedChange
    bool asks_with_sample = false;  // the question shows a few of the keys
    ChangeScope scope = ChangeScope::keys;
    KeyOptions keys;
    std::vector<std::string> namespaces;  // that were asked for, whose patterns `keys` has
    FactsWanted facts;                    // that `concerns` and `command_for` look at
    /// Whether a key is left as it is, by its name alone; empty: none is. It counts as unchanged.
    std::function<bool(const std::string&)> keeps;
    std::vector<std::string> protected_patterns;  // besides those of the options
    /// Whether it ends where another process of the server answers.
    bool of_one_process = false;
    /// Called when the server is connected to; throws Error if it is not one for this.
    std::function<void(Client&)> check_server;
    /// Whether the key needs a change; empty: every key does.
    std::function<bool(const KeyFacts&)> concerns;
    /// What changes it; empty: UNLINK.
    std::function<KeyCommand(const KeyFacts&)> command_for;
    /// Whether the keys have to be looked at again right before, or the command's condition will
    /// do. For `facts` alone: what the filters look at is always looked at again.
    KeyCheck::When check = KeyCheck::When::in_doubt;
    std::string go_on = "run the same command again to go on";  // after it was stopped half-way
    /// Whether a key may be changed twice: a walk that has to begin anew meets it again.
    Repeatable repeatable = Repeatable::yes;
};

class Change {
public:
    /// Checks patterns, guards and consent. Throws Error, when nothing has been sent.
    Change(Context& ctx, const ChangeOptions& options, ChangeWork work);

    /// The whole of it.
    ExitCode run();

    // The steps of run(), for a command that goes another way between them.

    /// After connect(): counts, and asks, if that is needed. False if there is nothing to do, as
    /// approve(), or if counting did not come to its end.
    bool prepare();
    /// Throws Error(refused) for a replica that takes no changes, unless it is a dry run.
    Client& connect();
    /// Throws Error(refused) if the server is a replica that takes no changes.
    void check_writable() const;
    /// Right before the first change: whose servers' word it is that keys are changed.
    void wake_client();
    void note_processes();
    /// Throws Error(guard) for more keys than a guard, or the answer to the question, allows.
    void check_allowed(std::uint64_t keys) const;
    [[nodiscard]] bool must_ask() const { return m_question == Question::needed; }
    [[nodiscard]] bool dry_run() const { return m_summary.dry_run == DryRun::yes; }
    [[nodiscard]] const Guards& guards() const { return m_rules.guards; }
    /// Walks without changing anything; false if it did not come to the end.
    bool count();
    /// Instead: the number is known, and what it is made of.
    void count_is(std::uint64_t keys,
                  std::vector<std::pair<std::string, std::uint64_t>> namespaces = {});
    /// Keys that count() found and that will be changed, and those that will be spared.
    [[nodiscard]] std::uint64_t planned() const { return m_planned.value_or(0); }
    /// The slots that --partial lets it go on without.
    [[nodiscard]] const SlotGaps& slot_gaps() const { return m_slot_gaps; }
    /// Instead of what count() found of them.
    void neighbours_are(std::vector<NeighbourCount> neighbours) {
        m_summary.neighbours = std::move(neighbours);
    }
    /// Whether neighbours would stop the change: every key is meant, nobody is asked, and they are
    /// not included. Then all keys have to be looked at first.
    [[nodiscard]] bool minds_neighbours() const;
    /// Throws Error(guard) if neighbours stop the change.
    void check_neighbours() const;
    /// Goes over the keys for the neighbours alone, and checks them. What of a cluster could
    /// not be walked, for slots that move, stops nothing; false if something else did.
    bool look_for_neighbours();
    /// The guards, and the question. Throws Error(guard); returns false if there is nothing to
    /// do, because it is a dry run or because no key needs a change.
    bool approve();
    void change_keys();
    /// After change_keys(): what is gone is taken out of the sets that listed the keys, unless keys
    /// were spared, or it did not come to its end.
    void empty_listing_sets();
    /// For a command that empties databases as a whole: how it ended.
    void flushed(ChangeTally tally, std::optional<Error> failure);
    /// What is changed is saved there, instead of in a file of its own.
    void save_in(Backup* backup) { m_backup = backup; }
    /// Writes the summary and returns the exit code, or throws what stopped the change.
    ExitCode finish();
    /// For a command that has a summary of its own: what was done, and what stopped it.
    struct Outcome {
        const ChangeSummary& summary;
        std::optional<Error> error;
    };
    Outcome outcome();

private:
    class Stopwatch;
    enum class Verdict { change, spare, leave, unreadable, denied };

    [[nodiscard]] bool is_filtered_by_facts() const;
    [[nodiscard]] Verdict judge(const KeyFacts& key) const;
    [[nodiscard]] Selection selection_within_reach();
    Selection selection_for_counting();
    Selection selection_for_changing();
    [[nodiscard]] FactsWanted facts_of_listed() const;
    [[nodiscard]] KeyChangerOptions changer_options();
    [[nodiscard]] std::optional<KeyCommand> decide(const KeyFacts& key, const KeyCommand& asked);
    void note_denied(const std::string& key);
    void count_denied(const SelectionOutcome& outcome, ChangeTally& tally) const;
    void check_plan_options() const;
    void keep_to_plan();
    void write_plan();
    void check_backup() const;
    void open_backup();
    void save_with(KeyChangerOptions& options);
    void change_large_keys(KeyChanger& changer, ChangeTally& tally);
    void change_large_key(LargeKeys& large, const std::string& key, ChangeTally& tally);
    void end_backup();
    void leave_backup();
    void tell_backup();
    void lose_count(std::uint64_t keys);
    void take_page(std::span<KeyFacts> keys, KeyChanger& changer);
    void take_key(KeyFacts& key, KeyChanger& changer);
    void check_master();
    [[nodiscard]] std::optional<Error> ask_sentinels();
    void settle_failure();
    void tell_gaps();
    [[nodiscard]] static Error other_process();
    void meet_other_process(KeyChanger& changer);
    void resume(Resumption resumption, KeyChanger& changer);
    void forget_counts();
    void count_key(const KeyFacts& key, NamespaceCounter& namespaces);
    [[nodiscard]] bool is_catch_all() const;
    void settle_neighbours();
    void settle_counts(const SelectionOutcome& outcome, const KeyChanger& changer,
                       const ChangeTally& of_large_keys, std::optional<double> progress);

    Context& m_ctx;
    const ChangeOptions& m_options;
    ChangeWork m_work;
    ChangeRules m_rules;
    Question m_question = Question::not_needed;
    Selection m_selection;
    std::unique_ptr<KeySpool> m_spool;
    std::unique_ptr<Client> m_client;
    std::optional<ServerProcesses> m_processes;  // of a cluster, before the first change
    SlotGaps m_slot_gaps;
    std::unique_ptr<Paces> m_paces;
    std::unique_ptr<Backup> m_own_backup;
    Backup* m_backup = nullptr;         // that, or another's; none: nothing is saved
    std::unique_ptr<KeySpool> m_large;  // keys that are saved and changed one by one
    std::uint64_t m_large_keys = 0;     // of these, not yet settled
    std::optional<std::uint64_t> m_planned;
    std::uint64_t m_allowed = std::numeric_limits<std::uint64_t>::max();  // by the guards
    std::uint64_t m_admitted = 0;  // keys given to the server, or about to be
    /// Some keys were told as changed, or as gone, by a process that another has replaced.
    bool m_told_by_other = false;
    std::uint64_t m_left = 0;          // selected after the change had been stopped
    RecentKeys m_recent;               // of a walk
    std::unique_ptr<KeyLedger> m_met;  // of a walk whose keys may not be changed twice
    std::uint64_t m_unreadable = 0;
    std::uint64_t m_unsure = 0;  // not meant any more, when a lost command was to be repeated
    std::vector<std::string> m_denied_keys;  // the first few
    std::uint64_t m_denied = 0;
    NamespaceCounter m_namespaces;
    std::optional<NeighbourCounter> m_neighbours;  // once it is connected
    ChangeSummary m_summary;
    std::optional<Error> m_failure;
};

/// Adds the time of its life to the summary: the question's time is not the work's.
class Change::Stopwatch {
public:
    explicit Stopwatch(Change& change) : m_change(change), m_start(change.m_ctx.now()) {}
    ~Stopwatch() {
        m_change.m_summary.elapsed +=
            std::chrono::duration_cast<std::chrono::milliseconds>(m_change.m_ctx.now() - m_start);
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    Change& m_change;
    std::chrono::steady_clock::time_point m_start;
};

}  // namespace cachectl
