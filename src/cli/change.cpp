#include "cli/change.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/change_report.hpp"
#include "redis/error.hpp"
#include "redis/server_info.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_sample_keys = 5;

std::string target_name(const ServerAddress& server, ChangeScope scope) {
    if (server.db == 0 || scope == ChangeScope::all_dbs) return server.name();
    return server.name() + (server.socket_path.empty() ? "/" : "?db=") + std::to_string(server.db);
}

std::vector<std::pair<std::string, std::uint64_t>> name_counts(const NamespaceCounter& counter) {
    std::vector<std::pair<std::string, std::uint64_t>> counts;
    for (NamespaceCount& row : counter.rows()) counts.emplace_back(std::move(row.name), row.keys);
    return counts;
}

}  // namespace

/// Adds the time of its life to the summary: the question's time is not the work's.
class Change::Stopwatch {
public:
    explicit Stopwatch(Change& change) : m_change(change), m_start(change.m_ctx.now()) {}
    ~Stopwatch() {
        m_change.m_summary.elapsed +=
            std::chrono::duration_cast<std::chrono::milliseconds>(m_change.m_ctx.now() - m_start);
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    Change& m_change;
    std::chrono::steady_clock::time_point m_start;
};

Change::Change(Context& ctx, const ChangeOptions& options, ChangeWork work)
    : m_ctx(ctx),
      m_options(options),
      m_work(std::move(work)),
      m_rules(make_change_rules(options, ctx.settings)),
      m_namespaces(m_rules.delimiter) {
    check_filter(m_work.keys.filter, m_rules.guards);
    if (!options.dry_run) m_question = check_consent(m_rules.consent, ctx, m_work.verb);
    m_selection = make_selection(m_work.keys, ctx);
    m_summary.command = m_work.command;
    m_summary.target = target_name(ctx.settings.address, m_work.scope);
    m_summary.kind = m_work.kind;
    m_summary.dry_run = options.dry_run ? DryRun::yes : DryRun::no;
    if (options.max_keys) m_allowed = *options.max_keys;
    if (options.expect) m_allowed = std::min(m_allowed, options.expect->max);
}

ExitCode Change::run() {
    connect();
    if (counts_first() && (!count() || !approve())) return finish();
    change_keys();
    return finish();
}

bool Change::counts_first() const {
    return dry_run() || must_ask() || m_options.max_keys || m_options.expect;
}

Client& Change::connect() {
    m_client = m_ctx.connect();
    const ServerInfo& server = m_client->server();
    if (!dry_run() && server.role == "replica" && server.info.text("slave_read_only") == "1") {
        throw refusal(Reply::make_error("READONLY the server is a read-only replica"),
                      m_work.verb + " keys", server);
    }
    if (!dry_run() || m_options.partial == Partial::yes) {
        m_left_out = LeftOut(m_ctx, *m_client, m_options.partial);
    }
    m_summary.masters = m_client->masters();
    m_paces = make_paces(m_ctx, *m_client, m_work.keys.walk.pace, RateOf::changed);
    return *m_client;
}

Selection Change::selection_within_reach() {
    Selection selection = m_selection;
    selection.without = m_left_out.slots();
    if (!selection.next_listed_key || !m_left_out.any()) return selection;
    selection.next_listed_key = [this,
                                 next = std::move(selection.next_listed_key)](std::string& key) {
        while (next(key)) {
            if (!m_left_out.has(*m_client, key)) return true;
            ++m_left;
        }
        return false;
    };
    return selection;
}

Selection Change::selection_for_counting() {
    Selection selection = selection_within_reach();
    selection.facts = m_work.facts;
    if (selection.next_listed_key) {
        selection.facts.existence = !selection.facts.ttl;
        m_spool = std::make_unique<KeySpool>();
        selection.next_listed_key = m_spool->record(std::move(selection.next_listed_key));
    }
    return selection;
}

Selection Change::selection_for_changing() {
    Selection selection = m_spool ? m_selection : selection_within_reach();
    selection.without = m_left_out.slots();
    selection.facts = m_work.facts;
    if (m_spool) {
        // The guards counted the keys that exist.
        selection.facts.existence = !selection.facts.ttl;
        selection.next_listed_key = m_spool->replay();
    }
    return selection;
}

bool Change::count() {
    const Stopwatch stopwatch(*this);
    const auto progress = m_ctx.progress("counting", "keys");
    NamespaceCounter namespaces(m_rules.delimiter);
    Selector selector(*m_client, *m_paces, selection_for_counting());
    selector.on_note = note_to(m_ctx, *progress);
    m_paces->on_note(selector.on_note);
    selector.on_progress = [&](double fraction, std::uint64_t selected) {
        progress->update(fraction, selected, m_ctx.now());
    };
    selector.on_resume = [&](bool from_start) {
        if (!from_start || m_spool) return;
        namespaces = NamespaceCounter(m_rules.delimiter);
        m_summary.protected_keys = m_summary.unchanged = 0;
        m_summary.sample.clear();
    };
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> keys) {
        for (const KeyFacts& key : keys) {
            if (m_rules.guards.is_protected(key.key)) {
                ++m_summary.protected_keys;
            } else if (m_work.concerns && !m_work.concerns(key)) {
                ++m_summary.unchanged;
            } else {
                namespaces.add(key.key);
                if (dry_run() && m_summary.sample.size() < k_sample_keys) {
                    m_summary.sample.push_back(key.key);
                }
            }
        }
        return Flow::go_on;
    });
    progress->clear();

    m_planned = namespaces.total();
    m_summary.namespaces = name_counts(namespaces);
    m_summary.tally.vanished = outcome.vanished;
    m_summary.matched =
        planned() + m_summary.protected_keys + m_summary.unchanged + outcome.vanished;
    m_summary.complete = outcome.complete();
    m_failure = outcome.walk.failure;
    return m_summary.complete && !m_failure;
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
    if (dry_run() || planned() == 0) return false;
    if (m_question == Question::not_needed) return true;
    PlannedChange change;
    change.verb = m_work.verb;
    change.scope = m_work.scope;
    change.server = m_ctx.settings.address;
    change.masters = m_summary.masters;
    change.context = m_ctx.settings.context;
    change.keys = planned();
    change.protected_keys = m_summary.protected_keys;
    change.namespaces = m_summary.namespaces;
    try {
        confirm(change, m_rules.consent, OnTerminal::yes, m_ctx.ask);
    } catch (const Error&) {
        if (stop_signal() == 0) throw;
        // Ctrl-C is an answer too, and its exit code is its own.
        m_summary.complete = false;
        m_summary.namespaces.clear();
        m_summary.tally.not_attempted = planned();
        return false;
    }
    return true;
}

void Change::change_keys() {
    const Stopwatch stopwatch(*this);
    const auto progress = m_ctx.progress(m_work.doing, "keys");
    KeyChanger changer(*m_client, *m_paces,
                       {m_work.verb + " keys", m_options.allow_del ? AllowDel::yes : AllowDel::no,
                        m_options.retry_unknown ? RetryUnknown::yes : RetryUnknown::no});
    Selector selector(*m_client, *m_paces, selection_for_changing());
    selector.on_note = note_to(m_ctx, *progress);
    m_paces->on_note(selector.on_note);
    m_summary.protected_keys = m_summary.unchanged = 0;
    m_summary.complete = false;

    changer.on_stop = [&] { selector.stop(); };
    changer.on_done = [&](const KeyCommand& command) {
        for (const std::string& key : command.keys) m_namespaces.add(key);
    };
    selector.on_progress = [&](double fraction, std::uint64_t selected) {
        progress->update(fraction, selected, m_ctx.now());
    };
    selector.on_resume = [&](bool from_start) {
        const bool again = from_start && !m_selection.next_listed_key;
        if (again) m_summary.protected_keys = m_summary.unchanged = 0;
        if (again && m_work.repeatable == Repeatable::no && m_taken != 0) {
            changer.stop({ExitCode::partial,
                          "another server process answered, and the walk would meet the changed "
                          "keys again"});
        }
        changer.resume();
    };
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> keys) {
        // A list goes on without the walk's own reconnection. The pages of a walk come from within
        // replies, in a cluster also from other nodes than the one that was lost.
        if (m_selection.next_listed_key && changer.connection_lost()) changer.reconnect();
        take_page(keys, changer);
        return changer.stopped() ? Flow::stop : Flow::go_on;
    });
    if (outcome.walk.failure) changer.stop(*outcome.walk.failure);
    changer.finish();
    progress->clear();
    settle_counts(outcome, changer);
}

void Change::take_page(std::span<KeyFacts> keys, KeyChanger& changer) {
    for (KeyFacts& key : keys) {
        if (changer.stopped()) {
            ++m_left;
        } else if (m_rules.guards.is_protected(key.key)) {
            ++m_summary.protected_keys;
        } else if (m_work.concerns && !m_work.concerns(key)) {
            ++m_summary.unchanged;
        } else if (m_taken == m_allowed) {
            ++m_left;
            changer.stop({ExitCode::guard, fmt::format("more keys match than the {} that were "
                                                       "allowed when they were counted",
                                                       format_count(m_allowed))});
        } else {
            ++m_taken;
            if (m_work.command_for) {
                changer.send(m_work.command_for(key));
            } else {
                changer.unlink(std::move(key.key));
            }
        }
    }
    changer.send_batch();
}

void Change::settle_counts(const SelectionOutcome& outcome, const KeyChanger& changer) {
    ChangeTally tally = changer.tally();
    tally.vanished += outcome.vanished;
    tally.not_attempted += m_left;
    const std::uint64_t answered = tally.changed + tally.vanished + tally.failed + tally.unknown;
    const bool walked = outcome.complete() && !changer.stopped();
    if (!walked && planned() > answered) {
        tally.not_attempted = std::max(tally.not_attempted, planned() - answered);
    }
    m_summary.matched =
        answered + tally.not_attempted + m_summary.protected_keys + m_summary.unchanged;
    m_summary.namespaces = name_counts(m_namespaces);
    m_summary.complete =
        walked && tally.failed == 0 && tally.unknown == 0 && tally.not_attempted == 0;
    m_summary.tally = std::move(tally);
    m_failure = changer.stopped();
}

void Change::changed(ChangeTally tally, std::optional<Error> failure) {
    m_summary.complete = !failure;
    m_summary.matched = tally.changed + tally.failed + tally.unknown + tally.not_attempted;
    if (tally.changed == 0) m_summary.namespaces.clear();
    m_summary.tally = std::move(tally);
    m_failure = std::move(failure);
}

// What stopped a change of a cluster's keys may be that some of them are gone.
void Change::tell_gaps() {
    if (!m_client || m_left_out.any()) return;
    for (const SlotGap& gap : m_client->gaps()) {
        const bool told =
            std::string(m_failure->what()).find(format_slots(gap.slots)) != std::string::npos;
        if (!told) m_ctx.warn(gap.why.what());
    }
}

ExitCode Change::finish() {
    if (m_left_out.any()) m_summary.complete = false;
    if (m_failure && stop_signal() == 0) tell_gaps();
    if (!m_failure) m_failure = m_left_out.error();
    return report_change(m_ctx, m_summary,
                         {m_options.output.resolve(m_ctx.out_terminal), m_work.go_on,
                          m_options.fail_if_none ? FailIfNone::yes : FailIfNone::no},
                         m_failure);
}

}  // namespace cachectl
