// The part of change/change.hpp that saves keys before they are changed: --backup.
#include <fmt/format.h>

#include "change/begin_backup.hpp"
#include "change/change.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

void Change::check_backup() const {
    const std::string& file = m_options.backup_file;
    if (!file.empty()) {
        check_backup_is_new(file);
    } else if (m_options.allow_slow_dump) {
        throw Error(ExitCode::usage, "--allow-slow-dump goes with --backup");
    }
}

void Change::open_backup() {
    if (!m_options.backup_file.empty()) {
        if (m_ctx.applied_plan == nullptr) {
            m_work.go_on += ", with another file for --backup";
        }
        m_own_backup = begin_backup(m_ctx, *m_client, m_summary, m_options.backup_file);
        m_backup = m_own_backup.get();
    }
    if (m_backup != nullptr) {
        m_large = std::make_unique<KeySpool>();
    }
}

void Change::save_with(KeyChangerOptions& options) {
    options.backup = m_backup;
    if (m_backup != nullptr) {
        options.put_off = [this](const std::string& key) {
            m_large->add(key);
            ++m_large_keys;
        };
    }
}

void Change::change_large_keys(KeyChanger& changer, ChangeTally& tally) {
    if (m_large_keys == 0) {
        return;
    }
    if (changer.unmeasured()) {
        m_ctx.note(std::string("every key is saved in pieces, which takes longer: ") +
                   changer.unmeasured()->what());
    }
    LargeKeys large(*m_client, *m_paces, *m_backup,
                    m_options.allow_slow_dump ? AllowSlowDump::yes : AllowSlowDump::no,
                    changer.conditions());
    const auto progress = m_ctx.progress("saving large keys", "keys");
    const auto all = static_cast<double>(m_large_keys);
    std::uint64_t done = 0;
    const KeySpool::Source next = m_large->replay();
    std::string key;
    try {
        while (!changer.stopped() && stop_signal() == 0 && next(key)) {
            progress->update(static_cast<double>(done) / all, done, m_ctx.now());
            change_large_key(large, key, tally);
            --m_large_keys;
            ++done;
        }
    } catch (const Error& error) {
        if (large.is_outcome_unknown()) {
            ++tally.unknown;
            --m_large_keys;
        }
        changer.stop(error);
    }
    progress->clear();
    tally.not_attempted += m_large_keys;
}

void Change::change_large_key(LargeKeys& large, const std::string& key, ChangeTally& tally) {
    if (m_summary.expiry && m_backup->has(key)) {
        ++m_summary.repeated;  // the expiry that would be saved is ours by now
        return;
    }
    FactsWanted wanted = m_work.facts.with(m_work.keys.filter.facts_needed());
    wanted.type |= !m_work.keys.filter.type.empty();
    wanted.existence = !wanted.ttl;
    const LargeKeyOutcome outcome =
        large.change(key, wanted, [this](const KeyFacts& facts) { return decide(facts, {}); });
    switch (outcome.fate) {
        case LargeKeyOutcome::Fate::changed:
            ++tally.changed;
            m_namespaces.add(key);
            return;
        case LargeKeyOutcome::Fate::vanished:
            ++tally.vanished;
            return;
        case LargeKeyOutcome::Fate::left:
            return;
        case LargeKeyOutcome::Fate::restless:
            m_ctx.warn(
                fmt::format("'{}' was left: it is large, and was written to whenever it "
                            "had been read",
                            key));
            break;
        case LargeKeyOutcome::Fate::moving:
            m_ctx.warn(
                fmt::format("'{}' was left: it is large, and its slot is being moved to another "
                            "node: try again when that has been done",
                            key));
            break;
        case LargeKeyOutcome::Fate::only_dumped:
            m_ctx.warn(
                outcome.dumping.count() == 0
                    ? fmt::format("'{}' was left: the server does not say how large it is, and "
                                  "can only tell it at once; --allow-slow-dump saves it, however "
                                  "long that holds the server",
                                  key)
                    : fmt::format("'{}' was left: it is large, and the server can only tell it at "
                                  "once; --allow-slow-dump saves it, and holds the server for "
                                  "about {}",
                                  key, format_duration(outcome.dumping)));
            break;
        case LargeKeyOutcome::Fate::refused:
            if (tally.refusal.empty()) {
                tally.refusal = outcome.refusal;
            }
            tally.refused_keys.push_back(key);
            ++tally.failed;
            return;
    }
    ++tally.failed;
    ++tally.unsaved;
}

void Change::end_backup() {
    if (!m_own_backup) {
        return;
    }
    try {
        m_summary.backup = m_own_backup->finish();
    } catch (const Error& error) {
        m_summary.backup = m_own_backup->summary();
        m_summary.complete = false;
        if (!m_failure) {
            m_failure = error;
        }
    }
    tell_backup();
}

/// As it is, without what was being added to it.
void Change::leave_backup() {
    if (!m_own_backup) {
        return;
    }
    m_own_backup->roll_back();
    m_summary.backup = m_own_backup->summary();
    tell_backup();
}

void Change::tell_backup() {
    m_summary.backup->file = m_options.backup_file;
    m_summary.backup->undo =
        undo_command(m_ctx.settings, m_options.backup_file, m_summary.expiry.has_value());
    if (m_summary.expiry) {
        m_summary.backup->undo_note = "which overwrites what was written since";
    }
}

}  // namespace cachectl
