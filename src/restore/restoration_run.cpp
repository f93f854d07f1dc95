// The part of restore/restoration.hpp that sends the keys, and says what became of them.
#include <fmt/format.h>

#include <algorithm>

#include "cli/key_walk.hpp"
#include "cli/target.hpp"
#include "output/document.hpp"
#include "output/plain_fields.hpp"
#include "output/progress.hpp"
#include "restore/key_restorer.hpp"
#include "restore/restoration.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr const char* k_go_on =
    "run the same command again to go on: what is there is left as it is unless --replace is given";

}  // namespace

void Restoration::restore() {
    RestoreOptions how = m_request.how;
    how.dry_run = m_summary.dry_run;
    m_paces = make_paces(m_ctx, *m_client, m_request.pace, RateOf::changed);
    note_processes();
    const auto progress = m_ctx.progress("restoring", "keys");
    m_paces->on_note([this, &progress](const std::string& note) {
        progress->clear();
        m_ctx.note(note);
    });
    KeyRestorer restorer(*m_client, *m_paces, m_keys.file(), m_keys.check().version, how, clock());
    std::uint64_t taken = 0;
    const auto take = [&](const RdbKey& key) {
        restorer.restore(key, m_rules.guards.is_protected(key.name));
        ++taken;
        const auto all = static_cast<double>(m_summary.matched);
        progress->update(static_cast<double>(taken) / all, taken, m_ctx.now());
        return true;
    };
    try {
        each_meant(take);
    } catch (const Error& error) {
        m_failure = error;  // of the file: what was sent before counts
    }
    restorer.settle();
    m_paces->on_note({});
    m_summary.tally = restorer.tally();
    m_summary.tally.not_attempted += m_summary.matched - taken;
    m_summary.other_version = restorer.other_version();
    if (!m_summary.dry_run && m_room.evicted) {
        const auto evicted = ask_room(*m_client).evicted;
        m_summary.evicted = evicted.value_or(0) - std::min(*m_room.evicted, evicted.value_or(0));
    }
    if (!m_failure) {
        m_failure = restorer.stopped();
    }
    if (!m_failure && m_summary.evicted != 0 && !m_request.how.allow_eviction) {
        m_failure = Error(ExitCode::partial,
                          fmt::format("the server evicted {} meanwhile",
                                      format_counted(m_summary.evicted, "key")),
                          "what was restored may be gone, and so may others");
    }
    m_summary.complete =
        m_summary.file_whole && taken == m_summary.matched && !m_failure &&
        m_summary.tally.failed + m_summary.tally.unknown + m_summary.tally.not_attempted == 0;
    check_processes();
}

void Restoration::note_processes() {
    if (!m_summary.dry_run && m_summary.masters != 0) {
        m_client->connect_all();
        m_processes.emplace(*m_client);
    }
}

void Restoration::check_processes() {
    // Keys that failed do not make the others safe.
    if (!m_processes || m_summary.tally.restored == 0 || m_failure || stop_signal() != 0) {
        return;
    }
    m_failure = m_processes->check_changes(*m_client);
    m_summary.complete = m_summary.complete && !m_failure;
}

ExitCode Restoration::finish() {
    m_summary.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(m_ctx.now() - m_started);
    const FormatChoice& output = m_request.change.output;
    const auto text = [this] { write_summary(m_summary, m_ctx.out, m_ctx.out_display()); };
    const auto json = [this](JsonWriter& to) { write_summary(m_summary, to); };
    const auto fields = [this, &json] { write_plain_fields(m_ctx.out, json); };
    const bool as_fields = plain_as(output) == PlainAs::fields;
    m_ctx.note_summary(json);
    write_document(
        m_ctx.out, output.resolve(m_ctx.out_terminal),
        {.table = text, .lines = as_fields ? std::function<void()>(fields) : text, .json = json});
    m_ctx.out.flush();
    const RestoreTally& tally = m_summary.tally;
    for (const std::string& key : tally.failed_keys) {
        m_ctx.warn(fmt::format("not restored: '{}'", key));
    }
    const bool began = tally.restored + tally.unknown != 0 && !m_summary.dry_run;
    if (stop_signal() != 0 && !m_summary.complete) {
        m_ctx.note(began ? std::string("interrupted; ") + k_go_on
                         : "interrupted; nothing was changed");
        return stopped_exit_code();
    }
    if (m_failure) {
        throw Error(began ? ExitCode::partial : m_failure->code(),
                    m_failure->what() + std::string(began ? "" : "; nothing was changed"),
                    began ? k_go_on : m_failure->hint());
    }
    if (tally.failed != 0) {
        throw Error(began ? ExitCode::partial : ExitCode::refused,
                    format_counted(tally.failed, "key") + " could not be restored", hint());
    }
    m_keys.check_whole();
    const bool none = m_summary.matched == 0;
    return none && m_request.change.fail_if_none ? ExitCode::no : ExitCode::ok;
}

std::string Restoration::hint() const {
    for (const auto& [reason, keys] : m_summary.tally.reasons) {
        const bool is_version = reason.find("DUMP payload version") != std::string::npos;
        if (is_version && !m_request.how.any_version) {
            return fmt::format(
                "the file is of RDB version {}, which the server does not take; "
                "--any-version sends the values as of its own",
                m_keys.check().version);
        }
    }
    return {};
}

}  // namespace cachectl
