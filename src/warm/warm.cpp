#include "warm/warm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "change/options.hpp"
#include "cli/target.hpp"
#include "keyspace/policy.hpp"
#include "redis/server_away.hpp"
#include "util/signals.hpp"
#include "warm/manifest.hpp"
#include "warm/stop.hpp"
#include "warm/table_check.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

WarmPlan make_plan(const WarmOptions& options) {
    const TemplateValues& values = options.release.values;
    WarmPlan plan = options.manifest.empty() ? WarmPlan::of_files(options.files, options.reading,
                                                                  options.dataset, values)
                                             : read_manifest(options.manifest, values);
    const std::size_t given = options.files.size() - options.file_places.size();
    for (std::size_t i = 0; i < options.file_places.size(); ++i) {
        plan.inputs[given + i].place = options.file_places[i];
    }
    if (!options.release.switch_to.empty() || !plan.switch_to.empty()) {
        plan.update_for_switch();
    }
    plan.limit_memory(options.max_memory);
    return plan;
}

// The rules of --policy come first, then those of the manifest's policy and of the context's.
std::vector<KeyPolicy> read_policies(const WarmOptions& options, const WarmPlan& plan,
                                     const Settings& settings) {
    std::vector<KeyPolicy> policies;
    for (const std::string& file : {options.policy_file, plan.policy_file, settings.policy_file}) {
        if (!file.empty()) {
            policies.push_back(read_key_policy(file));
        }
    }
    return policies;
}

// What any of them protects is protected.
Guards protection(const WarmOptions& options, const std::vector<KeyPolicy>& policies,
                  const Settings& settings) {
    ChangeOptions change;
    change.protect = options.protect;
    Guards guards = make_change_rules(change, settings).guards;
    for (const KeyPolicy& policy : policies) {
        for (std::string& pattern : policy.protected_patterns()) {
            guards.protected_patterns.push_back(std::move(pattern));
        }
    }
    return guards;
}

/// A pointer is set to what has been verified only.
WritingOptions writing_options(const WarmOptions& options, const WarmPlan& plan) {
    WritingOptions writing = options.writing;
    writing.backup_file = options.release.change.backup_file;
    writing.allow_slow_dump = options.release.change.allow_slow_dump;
    writing.cluster_has_to_be_up = options.if_unavailable == IfUnavailable::skip;
    const bool switches = !options.release.switch_to.empty() || !plan.switch_to.empty();
    writing.unchanged_have_to_stay = switches;
    if (switches && writing.verified_share == 0) {
        writing.verified_share = 1;
    }
    return writing;
}

/// What the summary calls the dataset.
void describe(const DatasetOptions& options, WarmDataset& dataset) {
    for (const std::string& table : options.tables) {
        dataset.table += (dataset.table.empty() ? "" : ", ") + table;
    }
    const RowOptions& rows = options.rows;
    dataset.key = rows.key;
    dataset.collect = rows.collect;
    dataset.group = rows.group;
}

}  // namespace

Warm::Warm(Context& ctx, const WarmOptions& options)
    : m_ctx(ctx),
      m_options(options),
      m_plan(make_plan(options)),
      m_policies(read_policies(options, m_plan, ctx.settings)),
      m_writer(ctx, writing_options(options, m_plan), protection(options, m_policies, ctx.settings),
               PolicyLimits(m_policies), m_summary,
               [this](const std::string& message) { warn(message); }),
      m_events({[this](const MadeKey& key, Before before) {
                    if (m_switch) {
                        m_switch->note(key.key);
                    }
                    if (m_sync) {
                        m_sync->note(key.key);
                    }
                    m_writer.write(key, before);
                },
                [this](const Rejection& row, Before before) { reject(row, before); }}) {
    m_summary.begin(ctx, "warm");
    m_summary.dry_run = options.dry_run;
    for (const DatasetOptions& dataset : m_plan.datasets) {
        m_datasets.emplace_back(dataset, m_policies);
    }
    check_backup_options();
    check_consent();
    open_release(protection(options, m_policies, ctx.settings));
    open_files();
    if (!options.dry_run) {
        open_journal(protection(options, m_policies, ctx.settings).protected_patterns);
    }
    open_reject_file();
}

// A file that is not there should stop the command before anything is written. The summary has the
// datasets in the order in which they were said.
void Warm::open_files() {
    std::vector<std::string> names;
    for (const WarmPlan::Input& input : m_plan.inputs) {
        names.push_back(open(input));
    }
    m_consumers.resize(names.size());
    for (std::size_t d = 0; d < m_datasets.size(); ++d) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto& of_input = m_plan.inputs[i].datasets;
            if (std::find(of_input.begin(), of_input.end(), d) == of_input.end()) {
                continue;
            }
            WarmDataset& counts = m_summary.datasets.emplace_back();
            counts.dataset = static_cast<std::uint32_t>(d);
            counts.row = static_cast<std::uint32_t>(m_summary.datasets.size() - 1);
            counts.file = names[i];
            describe(m_plan.datasets[d], counts);
            m_consumers[i].push_back({&m_datasets[d], &counts});
        }
    }
}

void Warm::open_journal(const std::vector<std::string>& protected_patterns) {
    const WarmJournal::Run run{.identity = m_summary.target + '\n' + verified_for_switch() +
                                           m_plan.identity(m_policies, protected_patterns),
                               .target = m_summary.target,
                               .state_folder = m_ctx.settings.state_folder};
    m_journal.emplace(
        m_options.journal, run, [this](const std::string& message) { warn(message); },
        [this](const std::string& message) { m_ctx.note(message); });
    if (m_sync || m_switch) {
        m_journal->check_again();
    }
    m_writer.keep_journal(*m_journal);
    m_events.keep_journal(*m_journal);
}

// What a run before has written without reading it back is no part of a verified load.
std::string Warm::verified_for_switch() const {
    if (!m_switch) {
        return {};
    }
    return fmt::format("verified {}\n", writing_options(m_options, m_plan).verified_share);
}

void Warm::open_reject_file() {
    if (m_options.reject_file.empty()) {
        return;
    }
    m_reject_file = std::make_unique<RejectFile>(
        m_options.reject_file,
        m_options.journal.resume ? RejectFile::Existing::continued : RejectFile::Existing::refused,
        m_options.dry_run ? RejectFile::Run::dry : RejectFile::Run::real);
    if (m_journal) {
        m_journal->on_save([this] { m_reject_file->sync(); });
    }
}

std::string Warm::open(const WarmPlan::Input& input) {
    try {
        return m_inputs.add(input.file);
    } catch (const Error& error) {
        if (!input.place.empty()) {
            throw Error(error.code(), input.place + ": " + error.what(), error.hint());
        }
        throw m_plan.datasets[input.datasets.front()].located(error);
    }
}

ExitCode Warm::run() {
    m_start = m_ctx.now();
    m_progress = m_ctx.progress("warming", "records");
    try {
        if (!m_options.dry_run) {
            m_summary.unavailable = !connect();
            ask_for_consent();
        }
    } catch (const Error& error) {
        m_summary.interrupted = stop_signal() != 0;
        undone(error.what());
        write_summary(error, error_id(error));
        throw;
    }
    attempt(&Warm::work);
    attempt(&Warm::settle);
    attempt(&Warm::release);
    end_backup();
    end_journal();
    m_progress->clear();
    const auto asked = m_sync ? m_sync->time_asked() : std::chrono::steady_clock::duration{};
    m_summary.elapsed = std::chrono::duration_cast<milliseconds>(m_ctx.now() - m_start - asked);
    return finish();
}

void Warm::attempt(void (Warm::*step)()) {
    try {
        (this->*step)();
    } catch (const Interrupted&) {
        m_interrupted = true;
    } catch (const WarmStop& stop) {
        fail(stop, stop.id);
    } catch (const Error& error) {
        fail(error);
    } catch (const std::bad_alloc&) {
        fail({ExitCode::local_io, "out of memory"});
    }
}

// The first is the cause of the others, or at least what is to be mended first.
void Warm::fail(const Error& error, const std::string& id) {
    m_summary.complete = false;
    if (!m_failure) {
        m_failure = error;
        m_failure_id = id;
    }
}

void Warm::settle() {
    m_writer.settle();
    m_interrupted = m_interrupted || m_writer.interrupted();
    m_writer.finish();
}

void Warm::work() {
    const bool writes = !m_options.dry_run && !m_summary.unavailable;
    // Without all slots nothing is switched, and the pointer may be in one of those that lack.
    if (writes && m_switch && !m_writer.skipped_slots()) {
        m_switch->look(*m_writer.client());
    }
    check_expected();
    if (writes) {
        check_tables(m_plan, m_policies, m_options.unpack, [] { return stop_signal() != 0; });
        m_writer.check_fit(m_plan, m_policies, m_options.unpack);
    }
    load();
    m_events.end_of_input();
    m_writer.settle();
    m_writer.check();
    if (m_reject_file) {
        m_reject_file->flush();
    }
    m_summary.all_read = true;
    if (writes) {
        m_writer.check_at_the_end();
    }
    m_failure = m_writer.skipped_slots();
    m_summary.complete = !m_failure;
}

/// False if the server is out of reach and that is to be no error.
bool Warm::connect() {
    try {
        m_writer.connect(m_options.pace);
    } catch (const ServerAway& error) {
        if (m_options.if_unavailable == IfUnavailable::fail) {
            throw;
        }
        warn(std::string(error.what()) +
             "; nothing will be written, and --if-unavailable skip makes that no error");
        return false;
    }
    return true;
}

ExitCode run_warm(Context& ctx, const WarmOptions& options) {
    std::optional<Warm> warm;
    try {
        warm.emplace(ctx, options);
    } catch (const Error& error) {
        tell_early_error(ctx, options, error);
        throw;
    }
    return warm->run();
}

}  // namespace cachectl
