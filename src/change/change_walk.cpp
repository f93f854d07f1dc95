// The part of change/change.hpp that changes keys.
#include <fmt/format.h>

#include <algorithm>

#include "change/applied_plan.hpp"
#include "change/change.hpp"
#include "redis/wake.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

// --- changing -----------------------------------------------------------------------------------

KeyChangerOptions Change::changer_options() {
    KeyChangerOptions options;
    options.attempted = m_work.verb + " keys";
    options.allow_del = m_options.allow_del ? AllowDel::yes : AllowDel::no;
    // What must not be done twice is not sent again, whatever was asked for.
    const bool retries = m_options.retry_unknown && m_work.repeatable == Repeatable::yes;
    options.retry_unknown = retries ? RetryUnknown::yes : RetryUnknown::no;
    options.conditions = expiry_conditions(m_client->server());
    save_with(options);
    if (!is_filtered_by_facts() && !m_work.concerns) {
        return options;
    }
    KeyCheck check;
    check.facts = m_work.facts.with(m_work.keys.filter.facts_needed());
    check.facts.type |= !m_work.keys.filter.type.empty();
    check.verb = m_work.expiry ? (m_work.expiry->mode == ExpiryMode::remove ? "PERSIST" : "PEXPIRE")
                               : "UNLINK";
    check.decide = [this](const KeyFacts& key, const KeyCommand& asked) {
        return decide(key, asked);
    };
    check.before_saving = m_work.keys.filter.idle_over.has_value();
    check.when = is_filtered_by_facts() ? KeyCheck::When::always : m_work.check;
    options.check = std::move(check);
    return options;
}

/// Of a key that was chosen and has been looked at again.
std::optional<KeyCommand> Change::decide(const KeyFacts& key, const KeyCommand& asked) {
    const auto idle = asked.is_saved ? KeyFilter::Idle::ignored : KeyFilter::Idle::judged;
    const bool meant = key.unreadable || m_work.keys.filter.matches_facts(key, idle);
    if (!meant) {
        // It has changed since it was chosen; or it has been deleted, and made anew.
        m_unsure += asked.repeated ? 1 : 0;
        return std::nullopt;
    }
    switch (judge(key)) {
        case Verdict::change:
            return m_work.command_for ? m_work.command_for(key) : KeyCommand{"UNLINK", {}, {}};
        case Verdict::spare:
            ++m_summary.protected_keys;
            break;
        case Verdict::leave:
            ++m_summary.unchanged;
            break;
        case Verdict::unreadable:
            ++m_unreadable;
            break;
        case Verdict::denied:
            note_denied(key.key);
            break;
    }
    return std::nullopt;
}

void Change::note_denied(const std::string& key) {
    ++m_denied;
    if (m_denied_keys.size() < KeyChanger::k_refused_keys_kept) {
        m_denied_keys.push_back(key);
    }
}

/// Keys whose facts the user has no right to read.
void Change::count_denied(const SelectionOutcome& outcome, ChangeTally& tally) const {
    tally.failed += m_denied;
    for (const std::string& key : m_denied_keys) {
        if (tally.refused_keys.size() == KeyChanger::k_refused_keys_kept) {
            break;
        }
        tally.refused_keys.push_back(key);
    }
    if (tally.refusal.empty() && outcome.denial) {
        tally.refusal = outcome.denial->text;
    }
}

void Change::wake_client() {
    m_client->connect_all();
    if (wake(*m_client)) {
        return;
    }
    if (m_work.of_one_process) {
        throw Error(other_process());
    }
    if (m_ctx.applied_plan != nullptr) {
        m_ctx.applied_plan->check_server(*m_client, m_summary.target, m_ctx.settings.address.db);
    }
}

void Change::change_keys() {
    const Stopwatch stopwatch(*this);
    if (m_planned) {
        wake_client();  // counting, and the answer to the question, took their time
    }
    open_backup();
    if (m_ctx.applied_plan != nullptr) {
        m_ctx.applied_plan->begin();
    }
    note_processes();
    KeyChanger changer(*m_client, *m_paces, changer_options());
    KeyWalk walk(m_ctx, *m_client, *m_paces, selection_for_changing(), m_work.doing);
    forget_counts();
    m_neighbours->reset();
    m_summary.complete = false;
    const bool listed = static_cast<bool>(m_selection.next_listed_key);
    if (m_work.repeatable == Repeatable::no && !listed) {
        m_met = std::make_unique<KeyLedger>();
    }

    changer.on_stop = [&] { walk.stop(); };
    changer.on_done = [&](const KeyCommand& command) {
        for (const std::string& key : command.keys) {
            m_namespaces.add(key);
            m_neighbours->count(key);
        }
    };
    changer.on_other_process = [&] { meet_other_process(changer); };
    walk.on_resume = [&](Resumption resumption) { resume(resumption, changer); };
    const SelectionOutcome outcome = walk.run([&](std::span<KeyFacts> keys) {
        // A list goes on without the walk's own reconnection. The pages of a walk come from within
        // replies, in a cluster also from other nodes than the one that was lost.
        if (listed && changer.connection_lost()) {
            changer.reconnect();
        }
        take_page(keys, changer);
        return changer.stopped() ? Flow::stop : Flow::go_on;
    });
    if (outcome.walk.failure) {
        changer.stop(*outcome.walk.failure);
    }
    changer.finish();
    walk.clear_progress();
    ChangeTally of_large_keys;
    change_large_keys(changer, of_large_keys);
    settle_counts(outcome, changer, of_large_keys, walk.fraction());
    end_backup();
    check_master();
}

void Change::resume(Resumption resumption, KeyChanger& changer) {
    if (resumption != Resumption::same_process && m_work.of_one_process) {
        changer.stop(other_process());
    }
    if (resumption == Resumption::other_process) {
        meet_other_process(changer);
    }
    if (resumption == Resumption::all_again) {
        forget_counts();
        m_recent = {};  // another process may have keys again that this one had deleted
        // A key's expiry is set again, and is one change. A key that is deleted again had come
        // back, and a backup has what it was before the first change.
        const bool repeats = m_work.expiry && m_work.repeatable == Repeatable::yes;
        if (repeats && m_backup == nullptr && !changer.stopped()) {
            changer.begin_anew();
            m_admitted = m_left = 0;
            m_namespaces.reset();
            m_neighbours->reset();
        }
        if (m_work.repeatable == Repeatable::no && m_admitted != 0) {
            changer.stop({ExitCode::partial,
                          "another server process answered, and the walk would meet the changed "
                          "keys again"});
        }
    }
    changer.resume();
}

void Change::take_page(std::span<KeyFacts> keys, KeyChanger& changer) {
    for (KeyFacts& key : keys) {
        const bool walked = !m_selection.next_listed_key;
        if (walked && !m_recent.add(key.key)) {
            // Its change is on its way.
        } else if (m_met && !m_met->add(key.key)) {
            ++m_summary.repeated;
        } else if (changer.stopped()) {
            ++m_left;
        } else {
            take_key(key, changer);
        }
    }
    changer.send_batch();
}

void Change::take_key(KeyFacts& key, KeyChanger& changer) {
    m_neighbours->meet(key.key);
    switch (judge(key)) {
        case Verdict::spare:
            ++m_summary.protected_keys;
            return;
        case Verdict::leave:
            ++m_summary.unchanged;
            return;
        case Verdict::unreadable:
            ++m_unreadable;
            return;
        case Verdict::denied:
            note_denied(key.key);
            return;
        case Verdict::change:
            break;
    }
    if (m_admitted == m_allowed) {
        ++m_left;
        changer.stop({ExitCode::guard, fmt::format("more keys match than the {} that were allowed "
                                                   "when they were counted",
                                                   format_count(m_allowed))});
        return;
    }
    ++m_admitted;
    if (m_work.command_for && !changer.checks_first()) {
        changer.send(m_work.command_for(key));
    } else {
        changer.change(std::move(key.key));
    }
}

void Change::settle_counts(const SelectionOutcome& outcome, const KeyChanger& changer,
                           const ChangeTally& of_large_keys, std::optional<double> progress) {
    ChangeTally tally = changer.tally();
    tally.add(of_large_keys);
    tally.vanished += outcome.vanished;
    tally.not_attempted += m_left;
    tally.failed += m_unreadable;
    tally.unknown += m_unsure;
    count_denied(outcome, tally);
    m_summary.unreadable = m_unreadable;
    m_summary.unchanged += tally.unchanged;
    const std::uint64_t answered = tally.changed + tally.vanished + tally.failed + tally.unknown;
    const bool walked = outcome.complete() && !changer.stopped();
    if (!walked && planned() > answered) {
        tally.not_attempted = std::max(tally.not_attempted, planned() - answered);
    }
    m_summary.matched =
        answered + tally.not_attempted + m_summary.protected_keys + m_summary.unchanged;
    m_summary.namespaces = counts_by_name(m_namespaces);
    settle_neighbours();
    m_summary.complete =
        walked && tally.failed == 0 && tally.unknown == 0 && tally.not_attempted == 0;
    m_summary.all_seen = outcome.complete() || m_planned.has_value();
    if (!outcome.complete() && progress.value_or(1) < 1) {
        m_summary.progress = progress;
    }
    m_summary.tally = std::move(tally);
    m_failure = changer.stopped();
    if (m_told_by_other && !m_failure) {
        m_failure = other_process();
        m_summary.complete = false;
    }
}

}  // namespace cachectl
