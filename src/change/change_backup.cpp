// The part of change/change.hpp that saves keys before they are changed: --backup.
#include <fmt/format.h>
#include <sys/stat.h>

#include "change/change.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// A backup that cannot be begun is better known before anybody is asked.
void check_is_new(const std::string& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) == 0) {
        throw Error(ExitCode::local_io, path + " is there already; nothing was sent",
                    "a backup never overwrites: name another file");
    }
}

/// Where MULTI is refused, what should be queued behind it would be executed at once.
void check_transactions(Client& client) {
    Reply multi;
    client.send({"MULTI"}, [&multi](Reply reply) { multi = std::move(reply); });
    const Reply exec = client.call({"EXEC"});
    if (!exec.is_array()) {
        throw refusal(multi.is_error() ? multi : exec, "save keys before they are changed",
                      client.server());
    }
}

}  // namespace

void Change::check_backup() const {
    const std::string& file = m_options.backup_file;
    if (!file.empty()) {
        check_is_new(file);
    } else if (m_options.allow_slow_dump) {
        throw Error(ExitCode::usage, "--allow-slow-dump goes with --backup");
    }
}

void Change::open_backup() {
    if (m_options.backup_file.empty()) {
        return;
    }
    check_transactions(*m_client);
    SavedFacts facts = saved_facts(m_ctx, *m_client);
    const RdbWriter::About about = {
        {"cachectl-version", CACHECTL_VERSION},
        {"cachectl-command", m_work.command},
        {"cachectl-target", m_summary.target},
        {"cachectl-started", format_utc(m_summary.started_at).value_or("")},
    };
    m_backup = std::make_unique<Backup>(m_options.backup_file, about,
                                        static_cast<std::uint64_t>(m_ctx.settings.address.db),
                                        std::move(facts));
    m_large = std::make_unique<KeySpool>();
}

void Change::save_with(KeyChangerOptions& options) {
    options.backup = m_backup.get();
    if (m_backup) {
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
    LargeKeys large(*m_client, *m_paces, *m_backup,
                    m_options.allow_slow_dump ? AllowSlowDump::yes : AllowSlowDump::no);
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
        changer.stop(error);
    }
    progress->clear();
    tally.not_attempted += m_large_keys;
}

void Change::change_large_key(LargeKeys& large, const std::string& key, ChangeTally& tally) {
    FactsWanted wanted = m_work.facts.with(m_work.keys.filter.facts_needed());
    wanted.type |= !m_work.keys.filter.type.empty();
    wanted.existence = !wanted.ttl;
    const LargeKeyOutcome outcome =
        large.change(key, wanted, [this](const KeyFacts& facts) { return decide(facts); });
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
        case LargeKeyOutcome::Fate::only_dumped:
            m_ctx.warn(
                fmt::format("'{}' was left: it is large, and the server can only tell it "
                            "at once; --allow-slow-dump saves it",
                            key));
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
    if (!m_backup) {
        return;
    }
    try {
        m_summary.backup = m_backup->finish();
    } catch (const Error& error) {
        m_summary.backup = m_backup->summary();
        m_summary.complete = false;
        if (!m_failure) {
            m_failure = error;
        }
    }
    m_summary.backup->file = m_options.backup_file;
}

}  // namespace cachectl
