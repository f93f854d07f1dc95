// The keys of a warm run on their way: into the server or, in a dry run, into the summary.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "cli/context.hpp"
#include "cli/left_out.hpp"
#include "cli/pace_options.hpp"
#include "cli/warm_journal.hpp"
#include "cli/warm_memory.hpp"
#include "load/dataset.hpp"
#include "load/key_writer.hpp"
#include "load/memory_estimate.hpp"
#include "load/verifier.hpp"
#include "load/warm_summary.hpp"
#include "safety/guard.hpp"

namespace cachectl {

struct WritingOptions {
    Partial partial = Partial::no;
    Eviction eviction = Eviction::refused;
    double verified_share = 0;  // of the keys, 0..1: --verify
};

class WarmWriter {
public:
    using Warn = std::function<void(const std::string& message)>;

    /// Counts in `summary`, which is a dry run's if it says so.
    WarmWriter(Context& ctx, const WritingOptions& options, Guards guards, WarmSummary& summary,
               Warn warn);

    /// Keeps a journal of what is written, which has to outlive it; before connect().
    void keep_journal(WarmJournal& journal) { m_journal = &journal; }
    /// Throws Error if there is no server, or none that could be written to. Not for a dry run.
    void connect(const PaceFlags& pace);
    /// Throws Error(guard) if what the plan makes does not fit into the server.
    void check_fit(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                   const UnpackLimits& unpack);

    enum class Done { now, before };
    /// Writes the dataset's key(), counted in `counts`, which has to live until settle(); not if
    /// the journal says that it was written before. Throws why the writing has stopped, if it has.
    Done write(Dataset& dataset, WarmDataset& counts, std::uint64_t line);
    /// Waits for all replies; the summary's tally is then complete.
    void settle();
    /// Notes in the journal how far the run has come, if it is time to.
    void save_journal();
    /// At the end: asks the server what it has evicted.
    void finish();
    [[nodiscard]] WarmJournal::Counts counts_for_journal() const;
    /// Throws why the writing has stopped, if it has.
    void check();
    /// Error(partial) if keys were left out.
    [[nodiscard]] std::optional<Error> left_out() const { return m_left_out.error(); }
    /// An idle connection may have been closed by the server or on the way: makes it anew.
    void check_connection();

private:
    void stop_if_it_grows();
    void warn_of_no_ttl(const Dataset& dataset);
    [[nodiscard]] bool is_sampled(const WarmDataset& dataset) const;
    void keep_sample(const Dataset& dataset, std::optional<std::chrono::milliseconds> ttl);
    void count_for_dry_run(Dataset& dataset, WarmDataset& counts,
                           std::optional<std::chrono::milliseconds> ttl);

    Context& m_ctx;
    WritingOptions m_options;
    Guards m_guards;
    WarmSummary& m_summary;
    Warn m_warn;
    std::unique_ptr<Client> m_client;
    LeftOut m_left_out;
    std::unique_ptr<Paces> m_paces;
    std::unique_ptr<KeyWriter> m_writer;
    std::optional<WarmMemory> m_memory;
    std::optional<Verifier> m_verifier;
    MemoryEstimate m_estimate;           // of a dry run
    std::uint64_t m_keys_when_full = 0;  // handed on since the server is nearly full
    WarmJournal* m_journal = nullptr;
    const WarmDataset* m_last = nullptr;  // of which a key was written
    std::set<const Dataset*> m_warned_of_no_ttl;
};

}  // namespace cachectl
