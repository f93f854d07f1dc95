#include "restore/restoration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "cli/key_walk.hpp"
#include "cli/target.hpp"
#include "redis/server_clock.hpp"
#include "redis/wake.hpp"
#include "restore/key_restorer.hpp"
#include "restore/rdb_versions.hpp"
#include "util/named_error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// What a key takes in a server besides its name and value, about.
constexpr std::uint64_t k_key_overhead = 80;

/// Whether a cluster refuses the database. One that does not is in it on one of its connections.
bool lacks_database(Client& cluster, const std::string& database) {
    cluster.connect_all();
    const Reply reply = cluster.nodes().front().client->call({"SELECT", database});
    return reply.error_prefix() == "ERR";
}

}  // namespace

Restoration::Restoration(Context& ctx, const RestoreRequest& request)
    : m_ctx(ctx),
      m_request(request),
      m_rules(make_change_rules(request.change, ctx.settings)),
      m_started(ctx.now()),
      m_chosen(request.filter, request.names),
      m_keys(ctx, request.file) {
    if (!request.change.dry_run) {
        m_question = check_consent(m_rules.consent, ctx, "restore");
    }
    const std::set<std::uint64_t>& databases = m_keys.check().databases;
    m_from_database = databases.size() == 1 ? *databases.begin() : own_database();
    m_summary.head.begin(ctx, "restore");
    m_summary.file = request.file;
    m_summary.dry_run = request.change.dry_run;
    m_summary.file_whole = m_keys.check().is_whole;
    m_summary.file_bytes_unused = m_keys.unused_bytes();
    m_summary.rdb_version_file = m_keys.check().version;
}

ExitCode Restoration::run() {
    count();
    m_rules.guards.check_matched(m_summary.matched);
    if (m_summary.matched == 0) {
        m_summary.complete = m_summary.file_whole && stop_signal() == 0;
        return finish();
    }
    m_client = m_ctx.connect();
    m_summary.masters = m_client->masters();
    check_database();
    tell_other_target();
    tell_rdb_version();
    m_room = ask_room(*m_client);
    check_room();
    if (!m_summary.dry_run) {
        check_writable(m_client->server(), "restore keys");
        ask();
    }
    restore();
    return finish();
}

void Restoration::count() {
    m_namespaces = std::make_unique<NamespaceCounter>(m_rules.delimiter);
    m_keys.each([this](const RdbKey& key) {
        if (is_meant(key)) {
            ++m_summary.matched;
            m_summary.bytes += key.value_bytes + key.name.size() + k_key_overhead;
            m_namespaces->add(key.name);
        } else if (m_chosen.contains(key.name)) {
            ++m_summary.other_database;
            m_others.insert(key.database);
        }
        return stop_signal() == 0;
    });
    m_chosen.tell_missing(m_ctx, m_summary.matched + m_summary.other_database, m_request.file);
    if (m_others.empty()) {
        return;
    }
    if (m_summary.matched == 0) {
        refuse_databases(m_others);
    }
    const char* is = m_summary.other_database == 1 ? "is" : "are";
    m_ctx.warn(
        fmt::format("{} of the file {} of another database, as {}, and {} left out; "
                    "-n {} restores those",
                    format_counted(m_summary.other_database, "key"), is, *m_others.begin(), is,
                    *m_others.begin()));
}

void Restoration::each_meant(const std::function<bool(const RdbKey&)>& take) const {
    m_keys.each(
        [&](const RdbKey& key) { return stop_signal() == 0 && (!is_meant(key) || take(key)); });
}

void Restoration::check_database() {
    if (m_from_database == own_database()) {
        return;
    }
    const std::string database = std::to_string(m_from_database);
    if (m_summary.masters == 0 || !lacks_database(*m_client, database)) {
        refuse_databases({m_from_database});
    }
    m_ctx.warn(fmt::format("the keys of {} are of database {}, and go into database {} of {}",
                           m_request.file, database, own_database(),
                           describe_server(m_summary.head.target, m_summary.masters)));
}

void Restoration::refuse_databases(const std::set<std::uint64_t>& others) const {
    throw NamedError({ExitCode::guard,
                      fmt::format("{} has keys of {} {} alone, and this is {}; nothing was changed",
                                  m_request.file, others.size() == 1 ? "database" : "databases",
                                  fmt::join(others, ", "), own_database()),
                      fmt::format("-n {} restores those", *others.begin())},
                     "guard-database");
}

void Restoration::tell_rdb_version() {
    const ServerInfo& server = m_client->server();
    m_summary.rdb_version_server = rdb_version_of(server);
    m_summary.likely_refused =
        !m_request.how.any_version && m_summary.rdb_version_server &&
        refuses_rdb_version(*m_summary.rdb_version_server, m_summary.rdb_version_file);
    if (m_summary.likely_refused) {
        m_ctx.warn(fmt::format(
            "{} has values of RDB version {}, and {} {} has version {}: it is likely to refuse "
            "them, but for large ones that are written in pieces; --any-version sends them as of "
            "its own version",
            m_request.file, m_summary.rdb_version_file, server.name, server.version,
            *m_summary.rdb_version_server));
    }
}

void Restoration::tell_other_target() {
    for (const RdbAux& aux : m_keys.check().about) {
        if (aux.name == "cachectl-target" && aux.value != m_summary.head.target) {
            m_ctx.warn(fmt::format("the file was saved from {}, and goes into {}", aux.value,
                                   m_summary.head.target));
        }
    }
}

void Restoration::check_room() {
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
         fmt::format("{} {} about {}, and under its maxmemory {} has {} left; nothing was changed",
                     format_counted(m_summary.matched, "key"),
                     m_summary.matched == 1 ? "takes" : "take", format_size(m_summary.bytes),
                     m_summary.head.target, format_size(*m_room.free)),
         "patterns choose some of them; --allow-eviction goes on all the same"},
        "guard-memory");
}

std::function<WallTime()> Restoration::clock() {
    return server_clock(*m_client,
                        std::chrono::time_point_cast<std::chrono::milliseconds>(m_ctx.wall_now()));
}

std::uint64_t Restoration::bytes_missing() {
    RestoreOptions how = m_request.how;
    how.dry_run = true;
    const auto paces = make_paces(m_ctx, *m_client, m_request.pace, RateOf::changed);
    KeyRestorer looking(*m_client, *paces, m_keys.file(), m_keys.check().version, how, clock());
    each_meant([&](const RdbKey& key) {
        looking.restore(key, m_rules.guards.is_protected(key.name));
        return true;
    });
    looking.settle();
    return looking.tally().bytes + k_key_overhead * looking.tally().restored;
}

void Restoration::ask() {
    if (m_question == Question::not_needed) {
        return;
    }
    PlannedChange change = planned_on(m_ctx, "restore");
    change.effect = m_request.how.replace ? "overwriting what exists"
                                          : "those that are there already are left as they are";
    change.masters = m_summary.masters;
    change.keys = m_summary.matched;
    change.namespaces = counts_by_name(*m_namespaces);
    confirm(change, m_rules.consent, OnTerminal::yes, m_ctx.ask);
    wake(*m_client);
}

}  // namespace cachectl
