// The keys of a warm run on their way: into the server or, in a dry run, into the summary.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "change/backup.hpp"
#include "change/guard.hpp"
#include "cli/context.hpp"
#include "cli/pace_options.hpp"
#include "cli/slot_gaps.hpp"
#include "redis/server_processes.hpp"
#include "walk/key_set.hpp"
#include "warm/events.hpp"
#include "warm/key_writer.hpp"
#include "warm/made_keys.hpp"
#include "warm/memory/estimate.hpp"
#include "warm/memory_budget.hpp"
#include "warm/policy_limits.hpp"
#include "warm/resume.hpp"
#include "warm/rows/dataset.hpp"
#include "warm/summary.hpp"
#include "warm/verifier.hpp"

namespace cachectl {

struct WritingOptions {
    Partial partial = Partial::no;
    Eviction eviction = Eviction::refused;
    double verified_share = 0;              // of the keys, 0..1: --verify
    std::optional<std::uint64_t> max_keys;  // --max-keys
    std::optional<CountRange> expect;       // --expect
    bool unchanged_have_to_stay = false;    // keys that were there as they are, until the end
    std::string backup_file;                // of what is overwritten; empty: none
    bool allow_slow_dump = false;           // see LargeKeys
    bool cluster_has_to_be_up = false;      // ServerAway if it is not, however it is to be told
};

class WarmWriter {
public:
    using Warn = std::function<void(const std::string& message)>;

    /// Counts in `summary`, which is a dry run's if it says so.
    WarmWriter(Context& ctx, const WritingOptions& options, Guards guards, PolicyLimits limits,
               WarmSummary& summary, Warn warn);

    /// Keeps a journal of what is written, which has to outlive it; before connect().
    void keep_journal(WarmJournal& journal) { m_journal = &journal; }
    /// Throws Error if there is no server, or none that could be written to. Not for a dry run.
    void connect(const PaceFlags& pace);
    /// Throws Error(guard) if what the plan makes does not fit into the server.
    void check_fit(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                   const UnpackLimits& unpack);

    /// Writes the key, whose counts have to live until settle(); what the journal says was written
    /// before only if it has gone. Throws why the writing has stopped, if it has, and Error(guard)
    /// if the key is not allowed.
    void write(const MadeKey& made, Before before);
    /// Why no server takes this value, whatever there is in it; empty if one may.
    [[nodiscard]] std::string too_large(std::string_view key, const Encoded& value);
    /// Waits for all replies; the summary's tally is then complete.
    void settle();
    /// A signal has left keys unwritten that were handed to it.
    [[nodiscard]] bool interrupted() const { return m_writer && m_writer->interrupted(); }
    /// Notes in the journal how far the run has come, if it is time to.
    void save_journal();
    /// A key that was read back is not what was written.
    [[nodiscard]] bool found_differences() const;
    /// At the end: asks the server what it has evicted, and finds keys that were made twice.
    /// Throws Error if that cannot be told.
    void finish();
    /// Throws Error(partial) if what was written may be gone with the server's process.
    void check_processes();
    /// check_processes(), and what --verify looks at once more.
    void check_at_the_end();
    /// Keys of this run, and of those before that it goes on with.
    [[nodiscard]] std::uint64_t keys_made() const;
    /// The server that it writes to; none in a dry run, or if there is none.
    [[nodiscard]] Client* client() const { return m_client.get(); }
    /// Its masters when it was connected, as ServerProcesses::run_ids().
    [[nodiscard]] std::vector<std::string> run_ids() const {
        return m_processes ? m_processes->run_ids() : std::vector<std::string>();
    }
    /// The estimate of what has to fit, and the room there is, if check_fit() made one.
    [[nodiscard]] std::optional<WarmFit> fit() const;
    [[nodiscard]] WarmJournal::Counts counts_for_journal() const;
    /// Throws why the writing has stopped, if it has.
    void check();
    /// Where what is overwritten is saved; null: nowhere.
    [[nodiscard]] Backup* backup() const { return m_backup.get(); }
    /// Nothing will be overwritten any more. Throws Error(local_io).
    void end_backup();
    /// Error(partial) if keys were left out.
    [[nodiscard]] std::optional<Error> skipped_slots() const { return m_skipped_slots.error(); }
    /// An idle connection may have been closed by the server or on the way: makes it anew, and
    /// throws as check_processes() does.
    void check_connection();

private:
    void count_key(WarmDataset& counts, bool is_row);
    void send(const MadeKey& made, std::optional<std::chrono::milliseconds> ttl, bool passes);
    void save_journal_now();
    void note_made(Outcome outcome);
    void check_max_keys() const;
    void check_cluster_is_up();
    void learn_largest_value();
    void stop_if_it_grows();
    void warn_of_no_ttl(const MadeKey& made);
    [[nodiscard]] bool is_sampled(const WarmDataset& dataset) const;
    void keep_sample(const MadeKey& made, std::optional<std::chrono::milliseconds> ttl);
    void count_for_dry_run(const MadeKey& made, std::optional<std::chrono::milliseconds> ttl);

    Context& m_ctx;
    WritingOptions m_options;
    Guards m_guards;
    WarmSummary& m_summary;
    Warn m_warn;
    std::unique_ptr<Client> m_client;
    SlotGaps m_skipped_slots;
    std::unique_ptr<Paces> m_paces;
    std::unique_ptr<Backup> m_backup;
    std::unique_ptr<KeyWriter> m_writer;
    std::optional<WarmMemory> m_memory;
    std::optional<Verifier> m_verifier;
    MemoryEstimate m_estimate;           // of a dry run
    std::uint64_t m_keys_when_full = 0;  // handed on since the server is nearly full
    PolicyLimits m_limits;
    MadeKeys m_made;
    struct Making {
        KeyHash key;
        WarmDataset& counts;
        bool is_row;
        bool passes;     // unless it has gone
        bool is_spared;  // if it exists: it is protected
    };
    std::deque<Making> m_making;       // keys whose outcome is not known yet
    std::uint64_t m_open_records = 0;  // whose keys are not done
    std::size_t m_largest_value;       // that the server takes, in bytes
    bool m_knows_largest_value = false;
    std::optional<ServerProcesses> m_processes;
    WarmJournal* m_journal = nullptr;
    const WarmDataset* m_last = nullptr;  // of which a key was written
    std::set<const Dataset*> m_warned_of_no_ttl;
};

}  // namespace cachectl
