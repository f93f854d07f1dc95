#include "change/change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "change/applied_plan.hpp"
#include "change/listing_set.hpp"
#include "change/report.hpp"
#include "cli/target.hpp"
#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// Each of the list's keys that `counts` once, however long the list is.
std::function<bool(std::string&)> each_once(std::function<bool(std::string&)> next,
                                            std::function<bool(const std::string&)> counts,
                                            std::uint64_t& repeated) {
    return [next = std::move(next), counts = std::move(counts), met = std::make_shared<KeyLedger>(),
            &repeated](std::string& key) {
        while (stop_signal() == 0 && next(key)) {
            if (!counts(key) || met->add(key)) {
                return true;
            }
            ++repeated;
        }
        return false;
    };
}

}  // namespace

Change::Change(Context& ctx, const ChangeOptions& options, ChangeWork work)
    : m_ctx(ctx),
      m_options(options),
      m_work(std::move(work)),
      m_rules(make_change_rules(options, ctx.settings)),
      m_namespaces(m_rules.delimiter) {
    std::vector<std::string>& spared = m_rules.guards.protected_patterns;
    spared.insert(spared.end(), m_work.protected_patterns.begin(), m_work.protected_patterns.end());
    check_filter(m_work.keys.filter, m_rules.guards);
    check_backup();
    check_plan_options();
    keep_to_plan();
    m_summary.dry_run = options.dry_run || !options.plan_file.empty() ? DryRun::yes : DryRun::no;
    if (!dry_run()) {
        m_question = check_consent(m_rules.consent, ctx, m_work.verb);
    }
    m_selection = make_selection(m_work.keys, ctx);
    if (m_selection.next_listed_key && !m_selection.members_of) {
        m_selection.next_listed_key = each_once(
            std::move(m_selection.next_listed_key),
            [this](const std::string& key) { return m_work.keys.filter.matches_name(key); },
            m_summary.repeated);
    }
    m_summary.begin(ctx, m_work.command);
    if (m_work.scope == ChangeScope::all_dbs) {
        m_summary.target = ctx.settings.address.name();
        m_summary.database.reset();
    }
    m_summary.asked_for = {m_work.keys.filter.patterns, m_work.namespaces, m_work.keys.keys_from,
                           m_work.keys.members_of};
    m_summary.expiry = m_work.expiry;
    if (options.max_keys) {
        m_allowed = std::min(m_allowed, *options.max_keys);
    }
    if (options.expect) {
        m_allowed = std::min(m_allowed, options.expect->max);
    }
}

ExitCode Change::run() {
    connect();
    if (prepare()) {
        const std::uint64_t keys = planned();  // 0: they were not counted before
        try {
            change_keys();
        } catch (const std::bad_alloc&) {
            lose_count(keys);
        }
    }
    return finish();
}

/// Of keys whose replies could not be taken it is not known what became of them; of `keys`, those
/// that had not been met were not tried.
void Change::lose_count(std::uint64_t keys) {
    m_failure = Error(ExitCode::local_io, "out of memory");
    m_summary.complete = false;
    m_summary.tally = {};
    m_summary.tally.unknown = m_admitted;
    m_summary.tally.not_attempted = std::max(keys, m_admitted) - m_admitted;
    m_summary.matched = std::max(keys, m_admitted);
    m_summary.namespaces.clear();
    m_summary.neighbours.clear();
    leave_backup();
}

Client& Change::connect() {
    m_client = m_ctx.connect();
    m_neighbours.emplace(*m_client);
    if (!dry_run()) {
        check_writable();
    }
    if (!dry_run() || m_options.partial == Partial::yes) {
        m_slot_gaps = SlotGaps(m_ctx, *m_client, m_options.partial);
    }
    if (m_ctx.applied_plan != nullptr) {
        m_ctx.applied_plan->check_server(*m_client, m_summary.target, m_ctx.settings.address.db);
    }
    if (m_work.check_server) {
        m_work.check_server(*m_client);
    }
    m_summary.masters = m_client->masters();
    m_paces = make_paces(m_ctx, *m_client, m_work.keys.walk.pace, RateOf::changed);
    return *m_client;
}

void Change::check_writable() const {
    cachectl::check_writable(m_client->server(), m_work.verb + " keys");
}

void Change::count_is(std::uint64_t keys,
                      std::vector<std::pair<std::string, std::uint64_t>> namespaces) {
    m_planned = keys;
    m_summary.matched = keys;
    m_summary.namespaces = std::move(namespaces);
    m_summary.complete = true;
}

bool Change::approve() {
    m_rules.guards.check_matched(planned());
    if (m_ctx.applied_plan != nullptr) {
        m_ctx.applied_plan->check_counts(planned(), m_summary.namespaces);
    }
    if (dry_run() || planned() == 0) {
        return false;
    }
    check_neighbours();
    if (m_question == Question::not_needed) {
        return true;
    }
    PlannedChange change = planned_on(m_ctx, m_work.verb);
    change.effect = m_work.expiry ? describe(*m_work.expiry) : m_work.effect;
    change.scope = m_work.scope;
    change.masters = m_summary.masters;
    change.keys = planned();
    change.protected_keys = m_summary.protected_keys;
    change.namespaces = m_summary.namespaces;
    change.neighbours = m_summary.neighbours;
    if (m_work.asks_with_sample) {
        change.sample = m_summary.sample;
    }
    try {
        confirm(change, m_rules.consent, OnTerminal::yes, m_ctx.ask);
    } catch (const Error&) {
        if (stop_signal() == 0) {
            throw;
        }
        // Ctrl-C is an answer too, and its exit code is its own.
        m_summary.complete = false;
        m_summary.namespaces.clear();
        m_summary.neighbours.clear();
        m_summary.tally.not_attempted = planned();
        return false;
    }
    // What comes while somebody reads the question is meant as well, but not many times as much.
    constexpr std::uint64_t k_part = 20, k_at_least = 10;
    m_allowed = std::min(m_allowed, planned() + std::max(planned() / k_part, k_at_least));
    return true;
}

void Change::check_allowed(std::uint64_t keys) const {
    if (keys > m_allowed) {
        throw Error(ExitCode::guard,
                    fmt::format("there are {} keys by now, more than the {} that were allowed when "
                                "they were counted; nothing was changed",
                                format_count(keys), format_count(m_allowed)));
    }
}

void Change::empty_listing_sets() {
    const Stopwatch stopwatch(*this);
    std::string why;
    if (m_failure) {
        why = "the command did not come to its end";
    } else if (!m_summary.complete) {
        why = "not all keys that it lists could be deleted";
    } else if (m_summary.protected_keys != 0) {
        why = "keys that it lists are protected";
    }
    for (const std::string& set : m_work.keys.members_of) {
        if (why.empty() && m_rules.guards.is_protected(set)) {
            m_summary.sets.push_back({.name = set, .why = "it is protected"});
            continue;
        }
        if (!why.empty() || dry_run()) {
            m_summary.sets.push_back({.name = set, .is_planned = why.empty(), .why = why});
            continue;
        }
        EmptiedSet emptied = empty_listing_set(*m_client, *m_paces, set);
        m_summary.sets.push_back(std::move(emptied.set));
        if (emptied.failure) {
            m_failure = std::move(emptied.failure);
            m_summary.complete = false;
            why = "the set before it could not be emptied";
        }
    }
}

void Change::flushed(ChangeTally tally, std::optional<Error> failure) {
    m_summary.flushed_whole = true;
    m_summary.complete = !failure;
    m_summary.matched = tally.changed + tally.failed + tally.unknown + tally.not_attempted;
    // The namespaces were counted before, and keys come and go: if their sum is another one, they
    // are not shown.
    std::uint64_t counted = 0;
    for (const auto& [name, keys] : m_summary.namespaces) {
        counted += keys;
    }
    if (tally.changed != counted) {
        m_summary.namespaces.clear();
    }
    if (tally.changed == 0) {
        m_summary.neighbours.clear();
    }
    m_summary.tally = std::move(tally);
    m_failure = std::move(failure);
    check_master();
}

// What stopped a change of a cluster's keys may be that some of them are gone.
void Change::tell_gaps() {
    if (!m_client || m_slot_gaps.any()) {
        return;
    }
    const std::vector<SlotGap> gaps = m_client->gaps();
    const auto is_gone = [&](std::uint16_t slot) {
        return std::any_of(gaps.begin(), gaps.end(),
                           [slot](const SlotGap& gap) { return contains(gap.slots, slot); });
    };
    if (m_failure->subject() == format_slots(slot_ranges(is_gone))) {
        return;
    }
    for (const SlotGap& gap : gaps) {
        if (m_failure->subject() != format_slots(gap.slots)) {
            m_ctx.warn(gap.why.what());
        }
    }
}

void Change::settle_failure() {
    if (m_slot_gaps.any()) {
        m_summary.complete = false;
    }
    if (m_failure && stop_signal() == 0) {
        tell_gaps();
    }
    if (!m_failure) {
        m_failure = m_slot_gaps.error();
    }
}

Change::Outcome Change::outcome() {
    settle_failure();
    tell_refused(m_ctx, m_summary);
    return {m_summary, change_error(m_summary, m_work.go_on, m_failure)};
}

ExitCode Change::finish() {
    settle_failure();
    write_plan();
    return report_change(m_ctx, m_summary,
                         {m_options.output.resolve(m_ctx.out_terminal), plain_as(m_options.output),
                          m_work.go_on, m_options.fail_if_none ? FailIfNone::yes : FailIfNone::no},
                         m_failure);
}

}  // namespace cachectl
