// flush: delete whole namespaces, a whole database, or all of them.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "cli/change.hpp"
#include "cli/parsed_option.hpp"
#include "commands/commands.hpp"
#include "redis/error.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_busy_patience{5'000};
constexpr milliseconds k_busy_step{100};

struct FlushOptions {
    std::vector<std::string> namespaces;
    std::vector<std::string> excludes;
    bool whole_db = false;
    bool all_dbs = false;
    WalkFlags walk;
    ChangeOptions change;
};

/// Asks again while the server is busy: a refused command has not been executed.
Reply call_patiently(Client& client, std::initializer_list<std::string_view> args) {
    for (milliseconds waited{0};; waited += k_busy_step) {
        Reply reply = client.call(args);
        if (!is_passing(reply) || waited >= k_busy_patience || stop_signal() != 0) return reply;
        bool over = false;
        client.after(k_busy_step, [&] { over = true; });
        client.run_until([&] { return over; });
    }
}

struct DatabaseSizes {
    std::uint64_t keys = 0;
    std::vector<std::pair<std::string, std::uint64_t>> by_database;  // "db0"
};

std::string on_node(const ServerNode& node) { return node.name.empty() ? "" : " on " + node.name; }

DatabaseSizes database_size(const ServerNode& node) {
    const Reply reply = call_patiently(*node.client, {"DBSIZE"});
    if (!reply.is_integer()) {
        throw refusal(reply, "count the keys" + on_node(node), node.client->server());
    }
    return {static_cast<std::uint64_t>(reply.integer), {}};
}

// INFO's "db0:keys=12,expires=3,avg_ttl=0".
DatabaseSizes all_database_sizes(const ServerNode& node) {
    const Reply reply = call_patiently(*node.client, {"INFO", "keyspace"});
    if (!reply.is_text()) {
        throw refusal(reply, "count the keys" + on_node(node), node.client->server());
    }
    DatabaseSizes sizes;
    const InfoFields info(reply.text);
    for (const auto& [name, figures] : info.all()) {
        constexpr std::string_view k_keys = "keys=";
        if (!name.starts_with("db") || !figures.starts_with(k_keys)) continue;
        std::uint64_t keys = 0;
        std::from_chars(figures.data() + k_keys.size(), figures.data() + figures.size(), keys);
        sizes.keys += keys;
        sizes.by_database.emplace_back(name, keys);
    }
    return sizes;
}

/// A server that is to be emptied, and the keys that it holds.
struct Target {
    ServerNode node;
    DatabaseSizes sizes;
};

/// Throws if one of them does not answer: then none is to be emptied, unless it is to be partial.
std::vector<Target> targets_of(const Change& change, Client& client,
                               DatabaseSizes (*measure)(const ServerNode&)) {
    std::vector<Target> targets;
    for (const ServerNode& node : client.nodes()) {
        try {
            targets.push_back({node, measure(node)});
        } catch (const Error& error) {
            if (!change.is_partial() || error.code() != ExitCode::unreachable) throw;
        }
    }
    return targets;
}

DatabaseSizes total_of(const std::vector<Target>& targets) {
    std::map<std::string, std::uint64_t> by_database;
    DatabaseSizes total;
    for (const Target& target : targets) {
        total.keys += target.sizes.keys;
        for (const auto& [name, keys] : target.sizes.by_database) by_database[name] += keys;
    }
    total.by_database.assign(by_database.begin(), by_database.end());
    std::stable_sort(total.by_database.begin(), total.by_database.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return total;
}

/// Sends FLUSHDB or FLUSHALL, once: what was written since must not go with a second one.
std::optional<Error> flush_node(const Target& target, std::string_view command,
                                ChangeTally& tally) {
    Client& client = *target.node.client;
    const std::string attempted = "flush" + on_node(target.node);
    const std::uint64_t keys = target.sizes.keys;
    const Reply reply = call_patiently(client, {command, "ASYNC"});
    if (reply.is_text()) {
        tally.changed += keys;
        return std::nullopt;
    }
    if (reply.is_error()) {
        tally.failed += keys;
        const Error error = refusal(reply, attempted, client.server());
        return Error(error.code(), error.what(),
                     error.hint().empty() ? "key by key it may work: cachectl invalidate '*' --all"
                                          : error.hint());
    }
    if (reply.type == Reply::Type::unsent) {
        tally.not_attempted += keys;
        return refusal(reply, attempted, client.server());
    }
    tally.unknown += keys;
    return Error(ExitCode::partial,
                 std::string(command) + " was sent" +
                     (target.node.name.empty() ? "" : " to " + target.node.name) +
                     ", but its outcome is unknown: " + reply.text,
                 "it is not sent twice: check with DBSIZE whether it was executed");
}

/// One server's failure does not keep the others from being emptied, and it is not forgotten.
ExitCode flush_at_once(Change& change, const std::vector<Target>& targets,
                       std::string_view command) {
    ChangeTally tally;
    std::optional<Error> failure;
    std::string flushed;
    for (const Target& target : targets) {
        if (stop_signal() != 0) {
            tally.not_attempted += target.sizes.keys;
            failure = Error(ExitCode::partial, "interrupted");
        } else if (auto error = flush_node(target, command, tally)) {
            if (!failure) failure = std::move(error);
        } else {
            flushed += (flushed.empty() ? "" : ", ") + target.node.name;
        }
    }
    if (failure && !flushed.empty()) {
        failure =
            Error(ExitCode::partial, failure->what() + ("; flushed: " + flushed), failure->hint());
    }
    change.changed(std::move(tally), std::move(failure));
    return change.finish();
}

ExitCode flush_namespaces(Context& ctx, const FlushOptions& options, ChangeWork work) {
    const std::string delimiter = make_change_rules(options.change, ctx.settings).delimiter;
    for (const std::string& name : options.namespaces) {
        work.keys.filter.patterns.push_back(namespace_pattern(name, delimiter));
    }
    work.keys.filter.excludes = options.excludes;
    return Change(ctx, options.change, std::move(work)).run();
}

ExitCode flush_database(Context& ctx, const FlushOptions& options, ChangeWork work) {
    work.scope = ChangeScope::whole_db;
    Change change(ctx, options.change, std::move(work));
    Client& client = change.connect();
    const bool may_spare = !change.guards().protected_patterns.empty();
    if (may_spare || change.must_ask() || change.dry_run()) {
        if (!change.count()) return change.finish();
    } else {
        change.count_is(total_of(targets_of(change, client, database_size)).keys);
    }
    if (!change.approve()) return change.finish();
    if (change.spared() == 0) {
        return flush_at_once(change, targets_of(change, client, database_size), "FLUSHDB");
    }
    change.change_keys();
    return change.finish();
}

ExitCode flush_all_databases(Context& ctx, const FlushOptions& options, ChangeWork work) {
    work.scope = ChangeScope::all_dbs;
    Change change(ctx, options.change, std::move(work));
    if (!change.guards().protected_patterns.empty()) {
        throw Error(ExitCode::guard, "FLUSHALL cannot spare the protected keys; nothing was sent",
                    "database by database they are spared: cachectl flush --whole-db -n DB");
    }
    Client& client = change.connect();
    const std::vector<Target> targets = targets_of(change, client, all_database_sizes);
    DatabaseSizes total = total_of(targets);
    change.count_is(total.keys, std::move(total.by_database));
    if (!change.approve()) return change.finish();
    return flush_at_once(change, targets, "FLUSHALL");
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
    if (!options.namespaces.empty()) return flush_namespaces(ctx, options, std::move(work));
    if (!options.excludes.empty()) {
        throw Error(ExitCode::usage, "--exclude goes with namespaces",
                    "--protect spares keys of a whole database");
    }
    return options.whole_db ? flush_database(ctx, options, std::move(work))
                            : flush_all_databases(ctx, options, std::move(work));
}

}  // namespace

void add_flush(CLI::App& app, Action& action) {
    const auto options = std::make_shared<FlushOptions>();
    app.description(
        "Delete whole namespaces: the keys that start with a name and the delimiter, ':' unless "
        "--delimiter or the key policy says otherwise. It walks, asks and sums up as invalidate "
        "does.\n\n"
        "--whole-db empties the database with FLUSHDB ASYNC, and --all-dbs the server with "
        "FLUSHALL ASYNC; on a terminal both want the server's name typed. Where protected keys "
        "are present --whole-db walks and spares them, and --all-dbs is refused. Neither command "
        "is ever sent twice: if its reply is lost, the summary says unknown.");
    add_text_option(app, "NAMESPACE", options->namespaces, "",
                    "Namespace, taken literally: 'course' is all keys that start with 'course:'",
                    EmptyValue::allowed);
    app.add_flag("--whole-db", options->whole_db, "Every key of the database")
        ->group("Choosing keys");
    app.add_flag("--all-dbs", options->all_dbs, "Every key of every database of the server")
        ->group("Choosing keys");
    add_text_option(app, "--exclude", options->excludes, "GLOB",
                    "Leave out keys that match this glob (repeatable)")
        ->group("Choosing keys");
    add_walk_options(app, options->walk);
    add_change_options(app, options->change);
    add_allow_del_option(app, options->change);
    app.footer(
        "Examples:\n"
        "  cachectl flush course menu --dry-run\n"
        "      how many keys of two namespaces that would delete\n"
        "  cachectl flush course --yes --json\n"
        "      in a deployment, with a summary to be parsed\n"
        "  cachectl flush --whole-db --protect 'sess:*' --protect 'queue:*'\n"
        "      everything but the sessions and the job queue\n");
    action = [options](Context& ctx) { return run_flush(ctx, *options); };
}

}  // namespace cachectl
