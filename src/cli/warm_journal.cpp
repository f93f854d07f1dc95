#include "cli/warm_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::chrono::milliseconds k_between_marks{100};
constexpr std::uint64_t k_keys_between_marks = 1'024;
constexpr std::chrono::milliseconds k_between_saves{1'000};

Error is_another_file(const std::string& file) {
    return {ExitCode::bad_input,
            file + " is not what the interrupted run was reading: it cannot be gone on with",
            "without --resume it is read from its beginning"};
}

}  // namespace

WarmJournal::WarmJournal(const JournalOptions& options, const Run& run, const Inputs& inputs,
                         Say warn, Say note)
    : m_warn(std::move(warn)),
      m_note(std::move(note)),
      m_target(run.target),
      m_identity(run_hash(run.identity)) {
    open(options, run);
    if (options.resume) read_before(run, inputs);
    m_checked = !m_before || m_before->inputs.empty();
}

// Two runs of one command do no harm to each other as long as they do not share a journal.
void WarmJournal::open(const JournalOptions& options, const Run& run) {
    if (options.file.empty() && run.state_folder.empty()) return;
    try {
        m_journal.emplace(options.file.empty() ? journal_path(run.state_folder, m_identity)
                                               : options.file);
    } catch (const Error& error) {
        const bool wanted = !options.file.empty() || options.resume;
        if (wanted && (error.code() == ExitCode::guard || !options.file.empty())) throw;
        m_why_none = error.what();
    }
}

void WarmJournal::read_before(const Run& run, const Inputs& inputs) {
    if (!m_journal) {
        m_warn("cannot go on with an interrupted run: " +
               (m_why_none.empty() ? "neither XDG_STATE_HOME nor HOME says where its journal is"
                                   : m_why_none) +
               "; starting at the beginning");
        return;
    }
    m_before = m_journal->read();
    if (!m_before) {
        m_note("there is no interrupted run to go on with (no " + m_journal->path() +
               "): starting at the beginning");
        return;
    }
    if (m_before->identity != m_identity) {
        throw Error(ExitCode::usage,
                    fmt::format("the journal {} is of another run, on {}: of other files, options "
                                "that shape keys, or another target than {}",
                                m_journal->path(), m_before->target, run.target),
                    "without --resume the files are read from their beginning");
    }
    for (std::size_t i = 0; i < m_before->inputs.size(); ++i) {
        const Inputs::Facts facts = inputs.facts(i);
        if (facts.bytes != m_before->inputs[i].size) throw is_another_file(facts.name);
    }
}

// What a server that has been restarted still has nobody knows.
void WarmJournal::begin(const std::string& run_id) {
    m_run_id = run_id;
    if (!m_before) {
        if (m_journal) m_journal->remove();
        return;
    }
    m_fills = run_id.empty() || run_id != m_before->run_id;
    if (m_fills) {
        m_note(
            "the server is not the process that the interrupted run wrote to: what is missing "
            "of it is written again");
    } else {
        m_done = m_before->keys;
    }
}

// --- the files ----------------------------------------------------------------------------------

const JournalEntry::Input* WarmJournal::input_before() const {
    if (!m_before || m_inputs.size() >= m_before->inputs.size()) return nullptr;
    return &m_before->inputs[m_inputs.size()];
}

void WarmJournal::begin_input(const Inputs::Facts& facts, Source& source) {
    m_facts = facts;
    m_source = &source;
    const JournalEntry::Input* before = input_before();
    source.keep_digest(before != nullptr ? before->offset : PrefixDigest::k_no_mark);
    if (before == nullptr) m_checked = true;
    mark();
}

void WarmJournal::refuse_input() {
    m_is_other = true;
    throw is_another_file(m_facts.name);
}

/// Throws if it is known that the file at hand is another one.
void WarmJournal::check_input() {
    const JournalEntry::Input* before = input_before();
    if (before == nullptr || m_source == nullptr) return;
    const auto digest = m_source->digest().at_mark();
    if (digest && *digest != before->digest) refuse_input();
}

void WarmJournal::finish_input() {
    const JournalEntry::Input* before = input_before();
    if (before != nullptr && m_source->digest().at_mark() != before->digest) {
        refuse_input();
    }
    leave_input();
}

void WarmJournal::leave_input() noexcept {
    if (m_source == nullptr) return;
    mark();
    const PrefixDigest& digest = m_source->digest();
    m_inputs.push_back({m_facts.name, m_facts.bytes, digest.bytes(), digest.value()});
    m_source = nullptr;
}

// --- the keys -----------------------------------------------------------------------------------

bool WarmJournal::catches_up() const {
    return m_before && !m_fills && m_next < m_before->keys.prefix();
}

WarmJournal::Turn WarmJournal::next_key() {
    const std::uint64_t index = m_next++;
    const bool was_done = m_before && m_before->keys.contains(index);
    if (was_done && !m_fills) return Turn::pass;
    if (!m_checked) {
        // Before the first key of its own a run has read all that the one before it had.
        check_input();
        m_checked = m_source == nullptr || m_source->digest().at_mark().has_value();
    }
    m_sent.push_back(index);
    return was_done ? Turn::fill : Turn::write;
}

void WarmJournal::take(Outcome outcome) {
    if (outcome != Outcome::open) m_done.add(m_sent.front());
    m_sent.pop_front();
}

// --- the journal --------------------------------------------------------------------------------

void WarmJournal::mark() {
    Mark& mark = m_marks.emplace_back();
    mark.keys = m_next;
    mark.inputs = m_inputs;
    if (m_source == nullptr) return;
    const PrefixDigest& digest = m_source->digest();
    mark.inputs.push_back({m_facts.name, m_facts.bytes, digest.bytes(), digest.value()});
}

// The last one before which all keys are done is the one that counts.
void WarmJournal::forget_old_marks() {
    while (m_marks.size() > 1 && m_marks[1].keys <= m_done.prefix()) m_marks.pop_front();
}

void WarmJournal::save_if_due(std::chrono::steady_clock::time_point now, const Counts& counts) {
    if (m_marked == decltype(m_marked){}) m_marked = m_saved = now;
    if (now - m_marked >= k_between_marks || m_next - m_marks.back().keys >= k_keys_between_marks) {
        m_marked = now;
        mark();
        forget_old_marks();
    }
    if (now - m_saved < k_between_saves) return;
    m_saved = now;
    save(counts);
}

bool WarmJournal::save_at_end(const Counts& counts) {
    mark();
    forget_old_marks();
    if (m_is_other || (m_done.ranges().empty() && !m_before)) return false;
    return save(counts);
}

bool WarmJournal::save(const Counts& counts) {
    if (!m_journal) {
        if (!m_why_none.empty()) {
            m_warn("no journal is kept, so that --resume cannot go on with this run: " +
                   std::exchange(m_why_none, {}));
        }
        return false;
    }
    if (!m_checked) return true;  // the journal of the run before still holds
    if (m_marks.empty() || m_marks.front().keys > m_done.prefix()) return false;
    JournalEntry entry{.identity = m_identity,
                       .target = m_target,
                       .run_id = m_run_id,
                       .inputs = m_marks.front().inputs,
                       .keys = m_done,
                       .records = counts.records,
                       .written = counts.written,
                       .skipped = counts.skipped};
    if (m_before && !m_fills) {
        entry.records += m_before->records;
        entry.written += m_before->written;
        entry.skipped += m_before->skipped;
    }
    try {
        m_journal->write(entry);
    } catch (const Error& error) {
        m_warn(std::string(error.what()) + "; --resume cannot go on with this run");
        m_journal.reset();
        return false;
    }
    return true;
}

void WarmJournal::remove() {
    if (m_journal) m_journal->remove();
}

}  // namespace cachectl
