#include "cli/warm.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <iterator>

#include "cli/change_options.hpp"
#include "dump/sql_options.hpp"
#include "keyspace/policy.hpp"
#include "load/manifest.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t k_records_between_progress = 256;
// An idle connection may be closed by the server or on the way.
constexpr milliseconds k_idle_before_check{1'000};

std::string target_name(const ServerAddress& server) {
    if (server.db == 0) return server.name();
    return server.name() + (server.socket_path.empty() ? "/" : "?db=") + std::to_string(server.db);
}

WarmPlan make_plan(const WarmOptions& options) {
    WarmPlan plan = options.manifest.empty()
                        ? WarmPlan::of_files(options.files, options.reading, options.dataset)
                        : read_manifest(options.manifest);
    plan.limit_memory(options.max_memory);
    return plan;
}

// The rules of --policy come first, then those of the manifest's policy and of the context's.
std::vector<KeyPolicy> read_policies(const WarmOptions& options, const WarmPlan& plan,
                                     const Settings& settings) {
    std::vector<KeyPolicy> policies;
    for (const std::string& file : {options.policy_file, plan.policy_file, settings.policy_file}) {
        if (!file.empty()) policies.push_back(read_key_policy(file));
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
      m_writer(ctx, options.writing, protection(options, m_policies, ctx.settings), m_summary,
               [this](const std::string& message) { warn(message); }) {
    m_summary.target = target_name(ctx.settings.address);
    m_summary.dry_run = options.dry_run;
    for (const DatasetOptions& dataset : m_plan.datasets) {
        m_datasets.emplace_back(dataset, m_policies);
    }
    open_files();
    if (!options.dry_run) open_journal();
    if (!options.reject_file.empty()) {
        m_reject_file = std::make_unique<RejectFile>(options.reject_file);
    }
}

// A file that is not there should stop the command before anything is written. The summary has the
// datasets in the order in which they were said.
void Warm::open_files() {
    std::vector<std::string> names;
    std::size_t rows = 0;
    for (const WarmPlan::Input& input : m_plan.inputs) {
        names.push_back(open(input));
        rows += input.datasets.size();
    }
    m_takers.resize(names.size());
    m_summary.datasets.reserve(rows);  // so that pointers to them stay
    for (std::size_t d = 0; d < m_datasets.size(); ++d) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto& of_input = m_plan.inputs[i].datasets;
            if (std::find(of_input.begin(), of_input.end(), d) == of_input.end()) continue;
            WarmDataset& counts = m_summary.datasets.emplace_back();
            counts.file = names[i];
            describe(m_plan.datasets[d], counts);
            m_takers[i].push_back({&m_datasets[d], &counts});
        }
    }
}

void Warm::open_journal() {
    const WarmJournal::Run run{.identity = m_summary.target + '\n' + m_plan.identity(),
                               .target = m_summary.target,
                               .state_folder = m_ctx.settings.state_folder};
    m_journal.emplace(
        m_options.journal, run, m_inputs, [this](const std::string& message) { warn(message); },
        [this](const std::string& message) { m_ctx.note(message); });
    m_writer.keep_journal(*m_journal);
}

std::string Warm::open(const WarmPlan::Input& input) {
    try {
        return m_inputs.add(input.file);
    } catch (const Error& error) {
        throw m_plan.datasets[input.datasets.front()].located(error);
    }
}

ExitCode Warm::run() {
    if (!m_options.dry_run && !connect()) return ExitCode::ok;
    m_start = m_ctx.now();
    m_progress = m_ctx.progress("warming", "records");
    try {
        if (!m_options.dry_run) m_writer.check_fit(m_plan, m_policies, m_options.unpack);
        load();
        m_failure = m_writer.left_out();
        m_summary.complete = !m_failure;
    } catch (const Interrupted&) {
        m_interrupted = true;
    } catch (const Error& error) {
        m_failure = error;
    } catch (const std::bad_alloc&) {
        m_failure = Error(ExitCode::local_io, "out of memory");
    }
    m_writer.settle();
    m_writer.finish();
    end_journal();
    m_progress->clear();
    m_summary.elapsed = std::chrono::duration_cast<milliseconds>(m_ctx.now() - m_start);
    return finish();
}

/// False if the server is out of reach and that is to be no error.
bool Warm::connect() {
    try {
        m_writer.connect(m_options.pace);
        if (m_journal->resumes()) {
            const JournalEntry& before = *m_journal->before();
            m_summary.resumed_from = {before.records, before.keys.count(), before.written,
                                      before.skipped};
        }
    } catch (const Error& error) {
        const bool unavailable =
            error.code() == ExitCode::unreachable || error.code() == ExitCode::refused;
        if (m_options.if_unavailable == IfUnavailable::fail || !unavailable) throw;
        warn(std::string(error.what()) +
             "; nothing was written, and --if-unavailable skip makes that no error");
        if (writes_json()) write_summary();  // a script parses it whatever it says
        return false;
    }
    return true;
}

// --- reading ------------------------------------------------------------------------------------

void Warm::load() {
    for (std::size_t i = 0; i < m_takers.size(); ++i) {
        load(i, m_inputs.next());
        for (const Taker& taker : m_takers[i]) {
            if (!is_read_later(*taker.dataset, i)) write_gathered(taker);
        }
        m_writer.settle();
        m_writer.check();
    }
    if (m_reject_file) m_reject_file->flush();
}

bool Warm::is_read_later(const Dataset& dataset, std::size_t input) const {
    const auto reads = [&dataset](const Taker& taker) { return taker.dataset == &dataset; };
    return std::any_of(
        m_takers.begin() + static_cast<std::ptrdiff_t>(input) + 1, m_takers.end(),
        [&](const auto& takers) { return std::any_of(takers.begin(), takers.end(), reads); });
}

void Warm::load(std::size_t index, Source source) {
    source.set_unpack_limits(m_options.unpack);
    source.on_wait([this, &source] { wait_for_input(source); });
    source.on_fill([this, &source] {
        if (stop_signal() != 0) throw Interrupted{};
        show_progress(source);
    });
    if (!m_journal) return load_rows(source, m_plan.inputs[index].reading, m_takers[index]);
    m_journal->begin_input(m_inputs.facts(index), source);
    try {
        load_rows(source, m_plan.inputs[index].reading, m_takers[index]);
        m_journal->finish_input();
    } catch (...) {
        m_journal->leave_input();
        throw;
    }
}

void Warm::load_rows(Source& source, const ReaderOptions& reading,
                     const std::vector<Taker>& takers) {
    const auto reader = open_reader(source, reading);
    for (const Taker& taker : takers) {
        taker.counts->format = reader->format_name();
        const DatasetOptions& options = taker.dataset->options();
        if (!options.tables.empty() && !reader->has_tables()) {
            throw options.located({ExitCode::usage,
                                   fmt::format("--table is for SQL dumps, and {} is {}",
                                               source.name(), reader->format_name()),
                                   "if it is an SQL dump all the same, say --format sql"});
        }
        taker.dataset->begin_file(reader->shape());
    }
    read(source, *reader, takers);
    m_inputs.finish(source);
    m_writer.settle();
    m_writer.check();
    for (const std::string& warning : reader->warnings()) warn(warning);
    for (const Taker& taker : takers) {
        const bool passed_over = m_journal && m_journal->resumes();
        if (taker.counts->records != 0 || passed_over) continue;
        const std::string& table = taker.counts->table;
        m_ctx.note(source.name() + ": there are no records " +
                   (table.empty() ? "" : "of table '" + table + "' ") + "in it");
    }
}

void Warm::read(Source& source, RecordReader& reader, const std::vector<Taker>& takers) {
    std::uint64_t records = 0;
    const SqlTable* table = nullptr;
    std::vector<Taker> takers_of_table = takers;
    while (true) {
        if (stop_signal() != 0) throw Interrupted{};
        const Next next = this->next(reader, takers);
        if (next == Next::end) return;
        if (++records % k_records_between_progress == 0) show_progress(source);
        if (reader.table() != table) {
            table = reader.table();
            takers_of_table.clear();
            std::copy_if(takers.begin(), takers.end(), std::back_inserter(takers_of_table),
                         [&](const Taker& taker) { return taker.dataset->wants(*table); });
        }
        if (next == Next::bad_row) {
            if (catches_up()) continue;
            for (const Taker& taker : takers_of_table) {
                ++taker.counts->records;
                ++taker.counts->rejected;
            }
            m_rejected += takers_of_table.size();
            reject(source, reader.bad_row().line, reader.bad_row().reason);
            continue;
        }
        for (const Taker& taker : takers_of_table) take(source, reader.record(), taker);
    }
}

// A table that is not in the dump is told with the place in the manifest that asks for it.
Next Warm::next(RecordReader& reader, const std::vector<Taker>& takers) {
    try {
        return reader.next();
    } catch (const SqlTableError& error) {
        for (const Taker& taker : takers) {
            const DatasetOptions& options = taker.dataset->options();
            const auto& tables = options.tables;
            if (std::find(tables.begin(), tables.end(), error.table()) == tables.end()) continue;
            throw options.located(error);
        }
        throw;
    }
}

void Warm::take(const Source& source, const Record& record, const Taker& taker) {
    const Dataset::Taken taken = taker.dataset->take(record);
    if (taken == Dataset::Taken::passed_over) return;
    ++taker.counts->records;
    if (taken == Dataset::Taken::made) {
        const auto done = m_writer.write(*taker.dataset, *taker.counts, record.line());
        if (done == WarmWriter::Done::before) --taker.counts->records;
    } else if (taken == Dataset::Taken::rejected) {
        if (catches_up()) {
            --taker.counts->records;
            return;
        }
        ++taker.counts->rejected;
        ++m_rejected;
        reject(source, record.line(), taker.dataset->why());
    }
}

// What the run before has told is not told again.
bool Warm::catches_up() const { return m_journal && m_journal->catches_up(); }

/// A row that is bad for several datasets is told once.
void Warm::reject(const Source& source, std::uint64_t line, const std::string& reason) {
    ++m_told;
    if (m_reject_file) m_reject_file->add(source.name(), line, reason);
    const std::string message = fmt::format("{}:{}: {}", source.name(), line, reason);
    if (m_rejected > m_options.max_errors) {
        throw Error(ExitCode::bad_input, message,
                    m_options.max_errors == 0
                        ? "--max-errors N goes on past N such rows, --reject-file keeps them"
                        : fmt::format("that is more than --max-errors {}", m_options.max_errors));
    }
    if (m_told > k_rejects_shown) return;
    warn("rejected: " + message);
}

void Warm::write_gathered(const Taker& taker) {
    if (stop_signal() != 0) throw Interrupted{};
    Dataset& dataset = *taker.dataset;
    if (const std::uint64_t replaced = dataset.replaced(); replaced != 0) {
        warn(fmt::format("{} {} replaced by a later one with the same {}", format_count(replaced),
                         replaced == 1 ? "record was" : "records were",
                         *dataset.options().rows.collect_by));
    }
    if (dataset.gathered_keys() == 0) return;
    if (m_ctx.now() - m_start > k_idle_before_check) m_writer.check_connection();
    for (std::size_t i = 0; i < dataset.gathered_keys(); ++i) {
        if (stop_signal() != 0) throw Interrupted{};
        dataset.make_gathered(i);
        m_writer.write(dataset, *taker.counts, 0);
    }
    dataset.drop_gathered();
}

void Warm::show_progress(const Source& source) {
    m_progress->update(m_inputs.fraction(source), m_summary.records(), m_ctx.now(),
                       m_inputs.bytes_read(source));
}

// Waiting for a dump must neither hold back what has been read nor let replies lie about, and it
// must end at a signal.
void Warm::wait_for_input(const Source& source) {
    m_writer.settle();
    m_writer.save_journal();
    const auto begin = m_ctx.now();
    while (true) {
        if (stop_signal() != 0) throw Interrupted{};
        pollfd fds[] = {{source.fd(), POLLIN, 0}, {signal_wake_fd(), POLLIN, 0}};
        if (::poll(fds, 2, -1) > 0 && fds[0].revents != 0) break;
    }
    if (m_ctx.now() - begin > k_idle_before_check) m_writer.check_connection();
}

}  // namespace cachectl
