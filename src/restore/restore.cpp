#include "restore/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "change/change.hpp"
#include "change/confirm.hpp"
#include "cli/key_walk.hpp"
#include "cli/target.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/namespaces.hpp"
#include "keyspace/sparing_glob.hpp"
#include "output/document.hpp"
#include "output/plain_fields.hpp"
#include "output/progress.hpp"
#include "redis/error_reply.hpp"
#include "redis/server_clock.hpp"
#include "redis/server_processes.hpp"
#include "restore/backup_keys.hpp"
#include "restore/server_room.hpp"
#include "restore/summary.hpp"
#include "util/named_error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr const char* k_go_on =
    "run the same command again to go on: what is there is left as it is unless --replace is given";

/// What a key takes in a server besides its name and value, about.
constexpr std::uint64_t k_key_overhead = 80;

class Restoration {
public:
    Restoration(Context& ctx, const RestoreRequest& request)
        : m_ctx(ctx),
          m_request(request),
          m_rules(make_change_rules(request.change, ctx.settings)),
          m_started(ctx.now()),
          m_keys(ctx, request.file) {
        if (!request.change.dry_run) {
            m_question = check_consent(m_rules.consent, ctx, "restore");
        }
        m_summary.head.begin(ctx, "restore");
        m_summary.file = request.file;
        m_summary.dry_run = request.change.dry_run;
    }

    ExitCode run() {
        count();
        if (m_summary.matched == 0 && m_other) {
            throw NamedError({ExitCode::guard,
                              fmt::format("{} has keys of database {} alone, and this is {}; "
                                          "nothing was sent",
                                          m_request.file, *m_other, m_ctx.settings.address.db),
                              fmt::format("-n {} restores those", *m_other)},
                             "guard-database");
        }
        tell_other_target();
        m_rules.guards.check_matched(m_summary.matched);
        if (m_summary.matched == 0) {
            m_summary.complete = true;
            return finish();
        }
        m_client = m_ctx.connect();
        m_summary.masters = m_client->masters();
        m_room = ask_room(*m_client);
        check_room();
        if (!m_summary.dry_run) {
            check_writable(m_client->server(), "restore keys");
            ask();
        }
        restore();
        return finish();
    }

private:
    [[nodiscard]] bool is_chosen(const RdbKey& key) const {
        return m_request.filter.matches_name(key.name);
    }
    [[nodiscard]] bool is_of_database(const RdbKey& key) const {
        return key.database == static_cast<std::uint64_t>(m_ctx.settings.address.db);
    }

    void count() {
        m_namespaces = std::make_unique<NamespaceCounter>(m_rules.delimiter);
        m_keys.each([this](const RdbKey& key) {
            if (is_chosen(key)) {
                if (is_of_database(key)) {
                    ++m_summary.matched;
                    m_summary.bytes += key.value_bytes + key.name.size() + k_key_overhead;
                    m_namespaces->add(key.name);
                } else {
                    ++m_summary.other_database;
                    m_other = key.database;
                }
            }
            return stop_signal() == 0;
        });
        if (m_other) {
            m_ctx.warn(
                fmt::format("{} keys of the file are of another database, as {}, and are "
                            "left out; -n {} restores those",
                            format_count(m_summary.other_database), *m_other, *m_other));
        }
    }

    /// The file of another server may be meant for this one, or have got here by mistake.
    void tell_other_target() {
        for (const RdbAux& aux : m_keys.check().about) {
            if (aux.name == "cachectl-target" && aux.value != m_summary.head.target) {
                m_ctx.warn(fmt::format("the file was saved from {}, and goes into {}", aux.value,
                                       m_summary.head.target));
            }
        }
    }

    void check_room() {
        const bool may_evict = m_request.how.allow_eviction || m_request.how.replace;
        if (may_evict || !m_room.free || m_summary.bytes <= *m_room.free) {
            return;
        }
        m_summary.bytes = bytes_missing();
        if (m_summary.bytes <= *m_room.free) {
            return;
        }
        throw NamedError(
            {ExitCode::guard,
             fmt::format("{} keys take about {}, and under its maxmemory {} has {} left; nothing "
                         "was changed",
                         format_count(m_summary.matched), format_size(m_summary.bytes),
                         m_summary.head.target, format_size(*m_room.free)),
             "patterns choose some of them; --allow-eviction goes on all the same"},
            "guard-memory");
    }

    /// What the file has are times of the server's clock, or one that goes as it does.
    std::function<WallTime()> clock() {
        return server_clock(
            *m_client, std::chrono::time_point_cast<std::chrono::milliseconds>(m_ctx.wall_now()));
    }

    /// Of a run that goes on where another ended most is there already.
    std::uint64_t bytes_missing() {
        RestoreOptions how = m_request.how;
        how.dry_run = true;
        const auto paces = make_paces(m_ctx, *m_client, m_request.pace, RateOf::changed);
        KeyRestorer looking(*m_client, *paces, m_keys.file(), m_keys.check().version, how, clock());
        m_keys.each([&](const RdbKey& key) {
            if (is_chosen(key) && is_of_database(key)) {
                looking.restore(key, m_rules.guards.is_protected(key.name));
            }
            return stop_signal() == 0;
        });
        looking.settle();
        return looking.tally().bytes + k_key_overhead * looking.tally().restored;
    }

    void ask() {
        if (m_question == Question::not_needed) {
            return;
        }
        PlannedChange change = planned_on(m_ctx, "restore");
        change.effect = m_request.how.replace ? "overwriting what exists" : "";
        change.masters = m_summary.masters;
        change.keys = m_summary.matched;
        change.namespaces = counts_by_name(*m_namespaces);
        confirm(change, m_rules.consent, OnTerminal::yes, m_ctx.ask);
    }

    void restore() {
        RestoreOptions how = m_request.how;
        how.dry_run = m_summary.dry_run;
        m_paces = make_paces(m_ctx, *m_client, m_request.pace, RateOf::changed);
        note_processes();
        const auto progress = m_ctx.progress("restoring", "keys");
        m_paces->on_note([this, &progress](const std::string& note) {
            progress->clear();
            m_ctx.note(note);
        });
        KeyRestorer restorer(*m_client, *m_paces, m_keys.file(), m_keys.check().version, how,
                             clock());
        std::uint64_t taken = 0;
        const auto take = [&](const RdbKey& key) {
            if (stop_signal() != 0) {
                return false;
            }
            if (is_chosen(key) && is_of_database(key)) {
                restorer.restore(key, m_rules.guards.is_protected(key.name));
                ++taken;
                const auto all = static_cast<double>(m_summary.matched);
                progress->update(static_cast<double>(taken) / all, taken, m_ctx.now());
            }
            return true;
        };
        try {
            m_keys.each(take);
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
            m_summary.evicted =
                evicted.value_or(0) - std::min(*m_room.evicted, evicted.value_or(0));
        }
        if (!m_failure) {
            m_failure = restorer.stopped();
        }
        if (!m_failure && m_summary.evicted != 0 && !m_request.how.allow_eviction) {
            m_failure = Error(ExitCode::partial,
                              fmt::format("the server evicted {} keys meanwhile",
                                          format_count(m_summary.evicted)),
                              "what was restored may be gone, and so may others");
        }
        m_summary.complete = taken == m_summary.matched && !m_failure &&
                             m_summary.tally.unknown + m_summary.tally.not_attempted == 0;
        check_processes();
    }

    /// A single server that goes away under a restoration ends it. A cluster has it go on.
    void note_processes() {
        if (!m_summary.dry_run && m_summary.masters != 0) {
            m_client->connect_all();
            m_processes.emplace(*m_client);
        }
    }

    void check_processes() {
        if (!m_processes || m_summary.tally.restored == 0 || !m_summary.complete ||
            stop_signal() != 0) {
            return;
        }
        m_failure = m_processes->check_changes(*m_client);
        m_summary.complete = !m_failure;
    }

    ExitCode finish() {
        m_summary.elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_ctx.now() - m_started);
        const FormatChoice& output = m_request.change.output;
        const auto text = [this] { write_summary(m_summary, m_ctx.out, m_ctx.out_display()); };
        const auto json = [this](JsonWriter& to) { write_summary(m_summary, to); };
        const auto fields = [this, &json] { write_plain_fields(m_ctx.out, json); };
        const bool as_fields = plain_as(output) == PlainAs::fields;
        m_ctx.note_summary(json);
        write_document(m_ctx.out, output.resolve(m_ctx.out_terminal),
                       {.table = text,
                        .lines = as_fields ? std::function<void()>(fields) : text,
                        .json = json});
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
                        fmt::format("{} keys could not be restored", format_count(tally.failed)),
                        hint());
        }
        const bool none = m_summary.matched == 0;
        return none && m_request.change.fail_if_none ? ExitCode::no : ExitCode::ok;
    }

    [[nodiscard]] std::string hint() const {
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

    Context& m_ctx;
    const RestoreRequest& m_request;
    ChangeRules m_rules;
    std::chrono::steady_clock::time_point m_started;
    BackupKeys m_keys;
    Question m_question = Question::not_needed;
    std::unique_ptr<NamespaceCounter> m_namespaces;
    std::optional<std::uint64_t> m_other;
    std::unique_ptr<Client> m_client;
    std::optional<ServerProcesses> m_processes;  // of a cluster, before the first key
    std::unique_ptr<Paces> m_paces;
    RestoreSummary m_summary;
    ServerRoom m_room;
    std::optional<Error> m_failure;
};

void check_request(Context& ctx, const RestoreRequest& request) {
    for (const std::string& glob : request.filter.patterns) {
        if (const auto problem = glob_problem(glob)) {
            ctx.warn(*problem);
        }
    }
    check_sparing_globs(request.filter.excludes, "--exclude");
    if (request.list && !request.repair_to.empty()) {
        throw Error(ExitCode::usage, "--list and --repair exclude each other");
    }
}

}  // namespace

ExitCode run_restore(Context& ctx, const RestoreRequest& request) {
    check_request(ctx, request);
    if (request.list) {
        const BackupKeys keys(ctx, request.file);
        const RowsStyle style = rows_style(ctx, request.change.output, {});
        return list_backup(ctx, keys, request.filter, style) ? ExitCode::ok : stopped_exit_code();
    }
    if (!request.repair_to.empty()) {
        const BackupKeys keys(ctx, request.file, OnDamage::stop_before);
        keys.copy_to(request.repair_to);
        ctx.note(fmt::format("{} has the {} keys of {}", request.repair_to,
                             format_count(keys.keys()), request.file));
        return ExitCode::ok;
    }
    return Restoration(ctx, request).run();
}

}  // namespace cachectl
