// flush: delete whole namespaces, a whole database, or all of them.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "change/change.hpp"
#include "change/database_flush.hpp"
#include "change/neighbour_guard.hpp"
#include "change/spread.hpp"
#include "cli/key_rights.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

struct FlushOptions {
    std::vector<std::string> namespaces;
    std::vector<std::string> excludes;
    bool whole_db = false;
    bool all_dbs = false;
    WalkFlags walk;
    ChangeOptions change;
    std::optional<std::chrono::milliseconds> spread;

    /// FLUSHDB and FLUSHALL know nothing of it.
    [[nodiscard]] bool goes_key_by_key() const {
        return spread.has_value() || !change.backup_file.empty() || !change.plan_file.empty();
    }
};

ExitCode flush_namespaces(Context& ctx, const FlushOptions& options, ChangeWork work) {
    const std::string delimiter = make_change_rules(options.change, ctx.settings).delimiter;
    for (const std::string& name : options.namespaces) {
        work.keys.filter.patterns.push_back(namespace_pattern(name, delimiter));
    }
    work.namespaces = options.namespaces;
    work.keys.filter.excludes = options.excludes;
    return Change(ctx, options.change, std::move(work)).run();
}

ExitCode flush_at_once(Change& change, DatabaseFlush& databases) {
    change.note_processes();
    FlushOutcome outcome = databases.run();
    change.flushed(std::move(outcome.tally), std::move(outcome.failure));
    return change.finish();
}

/// Whether there is a key that must stay, or a number that must not be exceeded: FLUSHDB knows of
/// neither, and a count is true only for the moment at which it was made.
bool is_guarded(const Guards& guards) {
    return !guards.protected_patterns.empty() || guards.max_keys || guards.expect;
}

ExitCode flush_database(Context& ctx, const FlushOptions& options, ChangeWork work) {
    work.scope = ChangeScope::whole_db;
    Change change(ctx, options.change, std::move(work));
    // What is known of a plan's keys is their number: a plan is kept to key by key.
    if (is_guarded(change.guards()) || options.goes_key_by_key() || ctx.applied_plan != nullptr) {
        return change.run();
    }
    Client& client = change.connect();
    DatabaseFlush database(client, FlushScope::database, ctx.settings.address.db,
                           change.slot_gaps().slots());
    if (change.must_ask() || change.dry_run()) {
        if (!change.count() || !change.approve()) {
            return change.finish();
        }
        // The question may have stood for a while.
        change.check_allowed(database.look().keys);
        change.check_writable();
    } else if (change.minds_neighbours()) {
        // A queue may be three keys among millions, and no key that every such program has would
        // tell of it: only a walk over all names finds them.
        if (!change.look_for_neighbours()) {
            return change.finish();
        }
        database.look();
        change.check_writable();
    } else {
        change.count_is(database.look().keys);
    }
    if (!database.slots_move()) {
        return flush_at_once(change, database);
    }
    ctx.note("slots of the cluster are being moved: the keys are deleted one by one");
    change.change_keys();
    return change.finish();
}

std::vector<std::string> databases_of(const DatabaseSizes& sizes) {
    std::vector<std::string> names;
    for (const auto& [name, keys] : sizes.by_database) {
        names.push_back(name);
    }
    return names;
}

ExitCode flush_all_databases(Context& ctx, const FlushOptions& options, ChangeWork work) {
    if (options.goes_key_by_key()) {
        throw Error(
            ExitCode::usage,
            "FLUSHALL neither saves keys, nor lets them expire, nor keeps to a plan; nothing "
            "was sent",
            "database by database that is possible: cachectl flush --whole-db -n DB");
    }
    work.scope = ChangeScope::all_dbs;
    if (!ctx.settings.other_databases.empty()) {
        const GuardedDatabase& other = ctx.settings.other_databases.front();
        throw Error(ExitCode::guard,
                    fmt::format("FLUSHALL flushes database {} too, for which context '{}' has "
                                "rules; nothing was sent",
                                other.number, other.context),
                    "database by database: cachectl flush --whole-db -n DB");
    }
    Change change(ctx, options.change, std::move(work));
    if (is_guarded(change.guards())) {
        const bool spares = !change.guards().protected_patterns.empty();
        throw Error(ExitCode::guard,
                    spares ? "FLUSHALL cannot spare the protected keys; nothing was sent"
                           : "FLUSHALL cannot keep to --max-keys and --expect, because keys may "
                             "come after they were counted; nothing was sent",
                    "database by database that is possible: cachectl flush --whole-db -n DB");
    }
    Client& client = change.connect();
    DatabaseFlush databases(client, FlushScope::all_databases, ctx.settings.address.db,
                            change.slot_gaps().slots());
    const DatabaseSizes total = databases.look();
    change.count_is(total.keys, total.by_database);
    if (!options.change.include_neighbours) {
        change.neighbours_are(look_for_neighbours(ctx, options.walk.pace, databases_of(total)));
    }
    if (change.dry_run()) {
        return change.finish();
    }
    change.check_neighbours();
    if (change.must_ask()) {
        if (!change.approve()) {
            return change.finish();
        }
        change.check_allowed(databases.look().keys);
        change.check_writable();
    }
    return flush_at_once(change, databases);
}

ExitCode run_flush(Context& ctx, const FlushOptions& options) {
    const int asked =
        int{!options.namespaces.empty()} + int{options.whole_db} + int{options.all_dbs};
    if (asked != 1) {
        throw Error(ExitCode::usage,
                    asked == 0 ? "what is to be flushed? give a NAMESPACE, --whole-db or --all-dbs"
                               : "NAMESPACE, --whole-db and --all-dbs exclude each other");
    }
    ChangeWork work;
    work.command = "flush";
    work.keys.walk = options.walk;
    if (options.spread) {
        spread(work, *options.spread);
    }
    if (!options.namespaces.empty()) {
        return flush_namespaces(ctx, options, std::move(work));
    }
    if (!options.excludes.empty()) {
        throw Error(ExitCode::usage, "--exclude goes with namespaces",
                    "--protect spares keys of a whole database");
    }
    return options.whole_db ? flush_database(ctx, options, std::move(work))
                            : flush_all_databases(ctx, options, std::move(work));
}

constexpr auto k_flush_rights = key_rights::and_backup(std::array{
    AclRight{"+pexpire", "with `--spread`", ""},
    AclRight{"+pttl", "with `--spread`", ""},
    AclRight{"+object|idletime", "with `--spread`", "keys go in any order"},
    AclRight{"+object|refcount", "with `--spread`", "keys go in any order"},
    AclRight{"+scan", "for namespaces, where keys are protected or counted, or a question is asked",
             ""},
    AclRight{"+scan", "with `--whole-db` or `--all-dbs`, unless `--include-neighbours` is given",
             ""},
    key_rights::k_type_of_mark,
    AclRight{"+unlink", "for namespaces, and where keys are protected or counted", ""},
    AclRight{"+memory|usage", "for namespaces, and where keys are protected or counted",
             key_rights::k_small_batches},
    AclRight{"+flushdb", "with `--whole-db`", ""},
    AclRight{"+dbsize", "with `--whole-db`", "it is not known how many keys there are"},
    AclRight{"+flushall", "with `--all-dbs`", ""},
    AclRight{"+info", "with `--all-dbs`", ""},
    AclRight{"+cluster|nodes", "on a cluster, with `--whole-db` or `--all-dbs`", ""},
});

void add_flush(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<FlushOptions>();
    syntax.description(
        "Delete whole namespaces: the keys that start with a name and the delimiter, ':' unless "
        "--delimiter or the key policy says otherwise. It walks, asks and sums up as invalidate "
        "does.\n\n"
        "--whole-db empties the database with FLUSHDB ASYNC, and --all-dbs the server with "
        "FLUSHALL ASYNC; on a terminal both want the name of the context, or of the server, typed. "
        "Where there are protected patterns, --max-keys or --expect, --whole-db deletes key by "
        "key, so that they hold until the end, and --all-dbs is refused. Before that, the names of "
        "all keys are looked at, database by database: where some look like another program's job "
        "queue, sessions or locks, the question and the summary name them, and where nobody is "
        "asked they stop the command. --include-neighbours does without this walk. Neither command "
        "is ever sent twice: if its reply is lost, the summary says unknown.");
    add_text_option(syntax, "NAMESPACE", options->namespaces, "",
                    "Namespace, taken literally: 'course' is all keys that start with 'course:'",
                    EmptyValue::allowed);
    syntax.add_flag("--whole-db", options->whole_db, "Every key of the database")
        .group("Choosing keys");
    syntax.add_flag("--all-dbs", options->all_dbs, "Every key of every database of the server")
        .group("Choosing keys");
    add_text_option(syntax, "--exclude", options->excludes, "GLOB",
                    "Leave out keys that match this glob (repeatable)")
        .group("Choosing keys");
    add_walk_options(syntax, options->walk);
    add_change_options(syntax, options->change);
    add_plan_options(syntax, options->change);
    add_backup_options(syntax, options->change);
    add_spread_option(syntax, options->spread);
    add_neighbours_option(syntax, options->change);
    add_allow_del_option(syntax, options->change);
    syntax.footer(
        "Examples:\n"
        "  cachectl flush course menu --dry-run\n"
        "      how many keys of two namespaces that would delete\n"
        "  cachectl flush course --yes --json\n"
        "      in a deployment, with a summary to be parsed\n"
        "  cachectl flush --whole-db --protect 'sess:*' --protect 'bull:*'\n"
        "      everything but the sessions and the job queue\n");
    action = [options](Context& ctx) { return run_flush(ctx, *options); };
}

}  // namespace

Command flush_command() {
    return {
        "flush",   "Change",      "Delete whole namespaces or databases", Command::Needs::server,
        add_flush, k_flush_rights};
}

}  // namespace cachectl
