// How a dump becomes keys: open what is to be read, connect, read and write at the same time, and
// say what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/format.hpp"
#include "cli/pace_options.hpp"
#include "cli/warm_writer.hpp"
#include "load/dataset.hpp"
#include "load/inputs.hpp"
#include "load/reject_file.hpp"
#include "load/warm_plan.hpp"
#include "load/warm_summary.hpp"
#include "util/error.hpp"

namespace cachectl {

enum class IfUnavailable { skip, fail };

struct WarmOptions {
    std::vector<std::string> files;  // "-" is stdin
    ReaderOptions reading;
    DatasetOptions dataset;  // what their rows become
    std::string manifest;    // says all of the above instead; empty: none
    std::size_t max_memory = std::size_t{512} * 1024 * 1024;
    UnpackLimits unpack;
    PaceFlags pace;
    WritingOptions writing;
    JournalOptions journal;
    IfUnavailable if_unavailable = IfUnavailable::fail;
    bool dry_run = false;
    std::uint64_t max_errors = 0;
    std::string reject_file;  // empty: none
    std::vector<std::string> protect;
    std::string policy_file;
    FormatChoice output;
};

class Warm {
public:
    /// Checks options and manifest, and that all files can be read. Throws Error, when nothing has
    /// been sent.
    Warm(Context& ctx, const WarmOptions& options);

    /// The whole of it. Throws what stopped it, after the summary.
    ExitCode run();

private:
    static constexpr std::uint64_t k_rejects_shown = 10;

    struct Interrupted {};
    /// A dataset that takes rows of the file at hand, and what it counts there.
    struct Taker {
        Dataset* dataset;
        WarmDataset* counts;
    };

    void open_files();
    void open_journal();
    std::string open(const WarmPlan::Input& input);
    bool connect();
    void load();
    void load(std::size_t index, Source source);
    void load_rows(Source& source, const ReaderOptions& reading, const std::vector<Taker>& takers);
    void read(Source& source, RecordReader& reader, const std::vector<Taker>& takers);
    Next next(RecordReader& reader, const std::vector<Taker>& takers);
    [[nodiscard]] bool catches_up() const;
    [[nodiscard]] bool is_read_later(const Dataset& dataset, std::size_t input) const;
    void take(const Source& source, const Record& record, const Taker& taker);
    void reject(const Source& source, std::uint64_t line, const std::string& reason);
    void write_gathered(const Taker& taker);
    void wait_for_input(const Source& source);
    void show_progress(const Source& source);

    [[nodiscard]] bool writes_json() const;
    void warn(const std::string& message);
    void write_summary();
    void write_summary_to_stderr();
    void tell_what_failed();
    void tell_differences(const VerifyTally& read_back);
    void end_journal();
    ExitCode finish();
    [[nodiscard]] std::string how_to_go_on() const;
    [[nodiscard]] Error failure(bool began) const;

    Context& m_ctx;
    const WarmOptions& m_options;
    WarmPlan m_plan;
    std::vector<KeyPolicy> m_policies;
    std::deque<Dataset> m_datasets;            // as in the plan
    Inputs m_inputs;                           // as in the plan
    std::vector<std::vector<Taker>> m_takers;  // of each input
    std::unique_ptr<RejectFile> m_reject_file;
    WarmSummary m_summary;
    std::optional<WarmJournal> m_journal;  // none in a dry run
    bool m_resumable = false;
    WarmWriter m_writer;
    std::unique_ptr<Progress> m_progress;
    std::chrono::steady_clock::time_point m_start;
    std::uint64_t m_rejected = 0;  // by all datasets together
    std::uint64_t m_told = 0;      // rows of which a dataset rejected something
    bool m_interrupted = false;
    std::optional<Error> m_failure;
};

}  // namespace cachectl
