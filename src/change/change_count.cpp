// The part of change/change.hpp that goes over the keys without changing them.
#include <algorithm>

#include "change/change.hpp"
#include "change/neighbour_guard.hpp"
#include "change/plan.hpp"
#include "keyspace/glob.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_sample_keys = 5;

}  // namespace

std::vector<std::pair<std::string, std::uint64_t>> counts_by_name(const NamespaceCounter& counter) {
    std::vector<std::pair<std::string, std::uint64_t>> counts;
    for (NamespaceCount& row : counter.rows()) {
        counts.emplace_back(std::move(row.name), row.keys);
    }
    return counts;
}

void Change::forget_counts() {
    m_summary.protected_keys = m_summary.unchanged = m_unreadable = m_denied = m_unsure = 0;
    m_denied_keys.clear();
}

bool Change::prepare() {
    if (dry_run() || must_ask() || m_options.max_keys || m_options.expect ||
        m_ctx.applied_plan != nullptr) {
        return count() && approve();
    }
    return !minds_neighbours() || look_for_neighbours();
}

bool Change::is_catch_all() const {
    const std::vector<std::string>& patterns = m_work.keys.filter.patterns;
    return m_work.scope != ChangeScope::keys ||
           std::any_of(patterns.begin(), patterns.end(),
                       [](const std::string& glob) { return cachectl::is_catch_all(glob); });
}

bool Change::minds_neighbours() const {
    return is_catch_all() && !dry_run() && !must_ask() && !m_options.include_neighbours;
}

// Where the walk of a cluster could not see all, it is by what it saw.
void Change::check_neighbours() const {
    if (minds_neighbours()) {
        refuse_neighbours(m_summary.neighbours, m_work.verb, m_work.scope);
    }
}

bool Change::look_for_neighbours() {
    const bool complete = count();
    const bool partial = m_failure && m_failure->code() == ExitCode::partial;
    const bool listed = static_cast<bool>(m_selection.next_listed_key);
    if (!complete && ((m_failure && (listed || !partial)) || stop_signal() != 0)) {
        return false;
    }
    m_summary.neighbours = m_neighbours->rows();
    check_neighbours();
    if (!complete) {
        // The change goes as far as this, and says so by itself.
        m_failure.reset();
        m_planned.reset();
    }
    return true;
}

/// When the walk is over: the replies about marks may still be on their way.
void Change::settle_neighbours() {
    m_client->drain();
    m_summary.neighbours = m_neighbours->rows();
}

void Change::count_key(const KeyFacts& key, NamespaceCounter& namespaces) {
    const Verdict verdict = judge(key);
    m_neighbours->meet(key.key, verdict == Verdict::change ? NeighbourCounter::Counts::yes
                                                           : NeighbourCounter::Counts::no);
    m_summary.protected_keys += verdict == Verdict::spare ? 1 : 0;
    m_summary.unchanged += verdict == Verdict::leave ? 1 : 0;
    m_unreadable += verdict == Verdict::unreadable ? 1 : 0;
    if (verdict == Verdict::denied) {
        note_denied(key.key);
    }
    if (verdict != Verdict::change) {
        return;
    }
    namespaces.add(key.key);
    if ((dry_run() || m_work.asks_with_sample) && m_summary.sample.size() < k_sample_keys) {
        m_summary.sample.push_back(key.key);
    }
}

bool Change::count() {
    const Stopwatch stopwatch(*this);
    const bool is_compared = !m_options.plan_file.empty() || m_ctx.applied_plan != nullptr;
    NamespaceCounter namespaces(
        m_rules.delimiter, is_compared ? Plan::k_most_namespaces : NamespaceCounter::k_max_names);
    KeyWalk walk(m_ctx, *m_client, *m_paces, selection_for_counting(), "counting");
    bool other_answers = false;
    walk.on_resume = [&](Resumption resumption) {
        const bool same = resumption == Resumption::same_process;
        other_answers = other_answers || (!same && m_work.of_one_process);
        if (other_answers) {
            walk.stop();
        }
        if (resumption != Resumption::all_again) {
            return;
        }
        namespaces.reset();
        m_neighbours->reset();
        forget_counts();
        m_summary.sample.clear();
    };
    const SelectionOutcome outcome = walk.run([&](std::span<KeyFacts> keys) {
        for (const KeyFacts& key : keys) {
            count_key(key, namespaces);
        }
        return Flow::go_on;
    });
    m_planned = namespaces.total();
    settle_neighbours();
    m_summary.namespaces = counts_by_name(namespaces);
    m_summary.tally.vanished = outcome.vanished;
    m_summary.tally.failed = m_summary.unreadable = m_unreadable;
    count_denied(outcome, m_summary.tally);
    m_summary.matched = planned() + m_summary.protected_keys + m_summary.unchanged +
                        m_summary.tally.failed + outcome.vanished;
    m_summary.complete = m_summary.all_seen = outcome.complete();
    m_failure = outcome.walk.failure;
    if (other_answers && !m_failure) {
        m_failure = other_process();
    }
    if (m_summary.complete && !m_failure) {
        return true;
    }
    m_summary.progress = walk.fraction();
    if (!dry_run()) {
        // They were only counted, and none will be changed.
        m_summary.tally.not_attempted = planned();
        m_summary.namespaces.clear();
        m_summary.neighbours.clear();
    }
    return false;
}

}  // namespace cachectl
