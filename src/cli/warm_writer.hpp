// The keys of a warm run on their way: into the server or, in a dry run, into the summary.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "cli/context.hpp"
#include "cli/pace_options.hpp"
#include "load/dataset.hpp"
#include "load/key_writer.hpp"
#include "load/warm_summary.hpp"
#include "safety/guard.hpp"

namespace cachectl {

class WarmWriter {
public:
    using Warn = std::function<void(const std::string& message)>;

    /// Counts in `summary`, which is a dry run's if it says so.
    WarmWriter(Context& ctx, Guards guards, WarmSummary& summary, Warn warn);

    /// Throws Error if there is no server, or none that could be written to. Not for a dry run.
    void connect(const PaceFlags& pace);

    /// Writes the dataset's key(), counted in `counts`, which has to live until settle(). Throws
    /// why the writing has stopped, if it has.
    void write(Dataset& dataset, WarmDataset& counts, std::uint64_t line);
    /// Waits for all replies; the summary's tally is then complete.
    void settle();
    /// Throws why the writing has stopped, if it has.
    void check();
    /// An idle connection may have been closed by the server or on the way: makes it anew.
    void check_connection();

private:
    void warn_of_no_ttl(const Dataset& dataset);
    [[nodiscard]] bool is_sampled(const WarmDataset& dataset) const;
    void keep_sample(const Dataset& dataset, std::optional<std::chrono::milliseconds> ttl);
    [[nodiscard]] std::string memory_figures();

    Context& m_ctx;
    Guards m_guards;
    WarmSummary& m_summary;
    Warn m_warn;
    std::unique_ptr<Client> m_client;
    std::unique_ptr<Pace> m_pace;
    std::unique_ptr<KeyWriter> m_writer;
    const WarmDataset* m_last = nullptr;  // of which a key was written
    std::set<const Dataset*> m_warned_of_no_ttl;
};

}  // namespace cachectl
