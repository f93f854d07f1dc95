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
#include "cli/pace_options.hpp"
#include "output/format.hpp"
#include "util/error.hpp"
#include "warm/events.hpp"
#include "warm/inputs.hpp"
#include "warm/loader.hpp"
#include "warm/plan.hpp"
#include "warm/reject_file.hpp"
#include "warm/rows/dataset.hpp"
#include "warm/summary.hpp"
#include "warm/sync.hpp"

namespace cachectl {

enum class IfUnavailable { skip, fail };

/// What is filled in, and what follows a complete load.
struct ReleaseOptions {
    TemplateValues values;          // --set
    std::vector<std::string> sync;  // --sync
    std::string switch_to;          // --switch; empty: nothing
    ChangeOptions change;           // consent to what --sync deletes
};

struct WarmOptions {
    std::vector<std::string> files;        // "-" is stdin
    std::vector<std::string> file_places;  // of the last of them: where --files-from names them
    ReaderOptions reading;
    DatasetOptions dataset;  // what their rows become
    std::string manifest;    // says all of the above instead; empty: none
    std::size_t max_memory = std::size_t{512} * 1024 * 1024;
    UnpackLimits unpack;
    PaceFlags pace;
    WritingOptions writing;
    JournalOptions journal;
    ReleaseOptions release;
    IfUnavailable if_unavailable = IfUnavailable::fail;
    bool dry_run = false;
    std::uint64_t max_errors = 0;
    bool fail_if_none = false;
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
    // An idle connection may be closed by the server or on the way.
    static constexpr std::chrono::milliseconds k_idle_before_check{1'000};

    struct Interrupted {};
    /// A dataset that takes rows of the file at hand, and what it counts there.
    struct Consumer {
        Dataset* dataset;
        WarmDataset* counts;
    };

    void open_files();
    void open_journal(const std::vector<std::string>& protected_patterns);
    [[nodiscard]] std::string verified_for_switch() const;
    void open_reject_file();
    void open_release(const Guards& guards);
    void check_consent();
    void ask_for_consent();
    std::string open(const WarmPlan::Input& input);
    bool connect();
    void check_backup_options() const;
    void end_backup();
    void attempt(void (Warm::*step)());
    void fail(const Error& error, const std::string& id = {});
    void settle();
    void work();
    void release();
    void carry_out_release();
    void check_release() const;
    void check_that_all_have_records() const;
    void check_spared() const;
    void check_failover() const;
    void check_processes(Client& client) const;
    void undone(const std::string& why);
    void check_expected();
    void load();
    void load(std::size_t index, Source source);
    void load_rows(Source& source, const ReaderOptions& reading,
                   const std::vector<Consumer>& consumers);
    void read(Source& source, RecordReader& reader, const std::vector<Consumer>& consumers);
    RowResult<Next> next(RecordReader& reader, const std::vector<Consumer>& consumers);
    void tell_of_no_records(const Source& source, const std::vector<Consumer>& consumers);
    [[nodiscard]] bool is_read_later(const Dataset& dataset, std::size_t input) const;
    void take(const Source& source, const Record& record, const Consumer& consumer);
    void make_key(const Source& source, const Record& record, const Consumer& consumer);
    void add(Rejection rejection);
    void reject(const Rejection& rejection, Before before);
    [[nodiscard]] std::uint64_t rejected_in_all() const;
    void write_gathered(const Consumer& consumer);
    void tell_of_replaced(const Dataset& dataset);
    void wait_for_input(const Source& source);
    void show_progress(const Source& source);

    [[nodiscard]] bool writes_json() const;
    void warn(const std::string& message);
    void write_summary(const std::optional<Error>& error, const std::string& id);
    void write_summary_to_stderr();
    void tell_what_failed();
    void tell_differences(const VerifyTally& read_back);
    void end_journal();
    /// What is no success, and the name by which scripts know it.
    struct Verdict {
        Error error;
        std::string id;
    };
    ExitCode finish();
    [[nodiscard]] std::optional<Verdict> verdict() const;
    [[nodiscard]] std::optional<Verdict> verdict_on_keys() const;
    [[nodiscard]] bool has_written() const;
    [[nodiscard]] std::string what_was_written() const;
    [[nodiscard]] std::string how_to_go_on() const;
    [[nodiscard]] std::string how_to_go_on_writing() const;
    [[nodiscard]] Error failure(bool began) const;

    Context& m_ctx;
    const WarmOptions& m_options;
    WarmPlan m_plan;
    std::vector<KeyPolicy> m_policies;
    std::deque<Dataset> m_datasets;                  // as in the plan
    Inputs m_inputs;                                 // as in the plan
    std::vector<std::vector<Consumer>> m_consumers;  // of each input
    std::unique_ptr<RejectFile> m_reject_file;
    WarmSummary m_summary;
    std::optional<WarmJournal> m_journal;  // none in a dry run
    WarmWriter m_writer;
    std::optional<WarmSync> m_sync;
    std::optional<WarmSwitch> m_switch;
    Question m_question = Question::not_needed;  // of the load; --sync has its own
    WarmEvents m_events;
    std::unique_ptr<Progress> m_progress;
    std::chrono::steady_clock::time_point m_start;
    std::uint64_t m_rejected = 0;  // by all datasets together
    std::uint64_t m_bad_rows = 0;  // all of the input, also those of no dataset
    std::string m_doubt;           // why rows may be missing from the input; empty: nothing says so
    std::uint64_t m_reported = 0;  // rows of which a dataset rejected something
    bool m_interrupted = false;
    bool m_is_release_refused = false;  // by a guard, after a complete load
    bool m_fails_again = false;         // whenever the same command reads the same input
    std::optional<Error> m_failure;
    std::string m_failure_id;  // empty: by its exit code
};

/// The run that the options ask for. With JSON as its output, an error that comes before the run
/// has begun is told there too.
ExitCode run_warm(Context& ctx, const WarmOptions& options);
/// "there are 5 keys, but --expect says 10 or more"
std::string not_expected(const CountRange& expect, std::uint64_t keys);
/// A summary, in one of the two JSON formats, that says no more than this error.
void write_early_error(Context& ctx, Format format, const Error& error);
/// The same where the output is to be JSON; it names the server too.
void tell_early_error(Context& ctx, const WarmOptions& options, const Error& error);

}  // namespace cachectl
