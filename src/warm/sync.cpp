#include "warm/sync.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "keyspace/glob.hpp"
#include "keyspace/temporary_key.hpp"
#include "output/escape.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/stop.hpp"

namespace cachectl {

WarmSync::WarmSync(Context& ctx, const ReleasePlan& plan, ChangeOptions options,
                   const PaceFlags& pace, const Guards& guards, SyncSummary& summary)
    : m_ctx(ctx),
      m_options(std::move(options)),
      m_summary(summary),
      m_change(ctx, m_options, make_work(plan, pace, guards)) {
    for (const std::string& glob : plan.patterns) {
        m_patterns.push_back({glob});
    }
    if (plan.pointer) {
        m_pointer = plan.pointer->key;
    }
    m_summary.patterns = plan.patterns;
}

ChangeWork WarmSync::make_work(const ReleasePlan& plan, const PaceFlags& pace,
                               const Guards& guards) {
    ChangeWork work;
    work.command = "warm";
    work.effect = escape_for_terminal(fmt::format(
        "of '{}' those that no row of the input stands for", fmt::join(plan.patterns, "' and '")));
    work.asks_with_sample = true;
    if (plan.pointer) {
        work.effect += escape_for_terminal(fmt::format("; before that, '{}' is switched to '{}'",
                                                       plan.pointer->key, plan.pointer->value));
    }
    work.keys.filter.patterns = plan.patterns;
    work.keys.walk.pace = pace;
    work.keeps = [this](const std::string& key) { return keeps(key); };
    work.protected_patterns = guards.protected_patterns;
    work.of_one_process = true;
    work.go_on = "run the same command again to go on";
    return work;
}

void WarmSync::note(std::string_view key) {
    bool matches = false;
    for (Pattern& pattern : m_patterns) {
        if ((matches && pattern.matches) || !glob_match(pattern.glob, key)) {
            continue;
        }
        matches = true;
        pattern.matches = true;
    }
    if (matches) {
        m_made.note(key);
    }
}

void WarmSync::check() const {
    for (const Pattern& pattern : m_patterns) {
        if (pattern.matches) {
            continue;
        }
        throw WarmStop(
            {ExitCode::guard,
             fmt::format(
                 "--sync '{}' matches none of the keys that this run made, so that it would "
                 "delete all that is there",
                 pattern.glob),
             "a pattern has to match keys of the run; cachectl invalidate deletes others"},
            "guard-sync-pattern");
    }
}

Client& WarmSync::connect() { return m_change.connect(); }

// What another run is building is deleted by that run, if it is left at all.
bool WarmSync::keeps(const std::string& key) {
    const bool is_made = m_made.contains(key);
    if (is_made && m_is_counting) {
        m_met.note(key);  // a walk may meet a key twice
    }
    return is_made || key == m_pointer || is_temporary_key(key);
}

bool WarmSync::prepare() {
    m_made.merge();
    bool goes_on = false;
    m_is_counting = true;
    const bool is_counted = m_change.count();
    m_is_counting = false;
    if (!is_counted) {
        settle();
        return false;
    }
    if (m_options.dry_run) {
        count_to_come();
    } else {
        check_all_there();
    }
    try {
        goes_on = approve();
    } catch (const Error& error) {
        take_outcome();
        check_count();
        if (error.code() != ExitCode::guard || stop_signal() != 0) {
            throw;
        }
        throw WarmStop({ExitCode::guard, "--sync deleted nothing: it was not confirmed",
                        "the same command with --resume asks again; --yes stands for the answer"},
                       "not-confirmed");
    }
    if (!goes_on) {
        settle();
    }
    return goes_on;
}

bool WarmSync::approve() {
    struct Stopwatch {
        WarmSync& sync;
        std::chrono::steady_clock::time_point start;
        ~Stopwatch() { sync.m_time_asked += sync.m_ctx.now() - start; }
    };
    const Stopwatch stopwatch{*this, m_ctx.now()};
    return m_change.approve();
}

// Somebody may have emptied the server meanwhile, or it has evicted keys, or their time to live was
// over: what is left of a release is no reason to delete another.
void WarmSync::check_all_there() {
    const std::uint64_t made = m_made.distinct();
    m_met.merge();
    const std::uint64_t met = m_met.distinct();
    if (met >= made) {
        return;
    }
    take_outcome();
    throw WarmStop(
        {ExitCode::partial,
         fmt::format("--sync deleted nothing: of {} {} that rows stand for, {} {} there",
                     format_count(made), made == 1 ? "key" : "keys", format_count(met),
                     met == 1 ? "is" : "are"),
         "they were deleted or evicted, or their time to live was over, since they were loaded"},
        "keys-gone");
}

// The run that follows finds these too: its figures are to be the same.
void WarmSync::count_to_come() {
    m_met.merge();
    const std::uint64_t made = m_made.distinct();
    m_to_come = made - std::min(made, m_met.distinct());
}

void WarmSync::check_count() const {
    const std::uint64_t keys = m_change.planned();
    if (!m_options.max_keys || keys <= *m_options.max_keys) {
        return;
    }
    throw WarmStop(
        {ExitCode::guard,
         fmt::format("--sync would delete {} {}, more than --max-keys {}", format_count(keys),
                     keys == 1 ? "key" : "keys", format_count(*m_options.max_keys)),
         "look at them with --dry-run; a larger --max-keys allows them"},
        "guard-max-keys");
}

void WarmSync::run(Backup* backup) {
    m_change.save_in(backup);
    m_change.change_keys();
    settle();
}

void WarmSync::settle() {
    const auto error = take_outcome();
    if (error && stop_signal() == 0) {
        throw Error(*error);
    }
}

std::optional<Error> WarmSync::take_outcome() {
    const Change::Outcome outcome = m_change.outcome();
    const ChangeSummary& change = outcome.summary;
    m_summary.matched = change.matched + m_to_come;
    m_summary.kept = change.unchanged + m_to_come;
    m_summary.deleted = change.tally.changed;
    m_summary.would_delete = m_change.dry_run() ? change.would_change() : 0;
    m_summary.protected_keys = change.protected_keys;
    m_summary.vanished = change.tally.vanished;
    m_summary.failed = change.tally.failed;
    m_summary.unknown = change.tally.unknown;
    m_summary.not_attempted = change.tally.not_attempted;
    m_summary.namespaces = change.namespaces;
    m_summary.neighbours = change.neighbours;
    if (m_change.dry_run()) {
        m_summary.sample = change.sample;
    }
    m_summary.complete = change.complete && !outcome.error;
    return outcome.error;
}

}  // namespace cachectl
