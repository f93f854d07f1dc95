// invalidate: delete keys by pattern or list.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "change/change.hpp"
#include "change/spread.hpp"
#include "cli/key_rights.hpp"
#include "commands/commands.hpp"
#include "output/escape.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

struct InvalidateOptions {
    KeyOptions keys;
    bool and_set = false;
    ChangeOptions change;
    std::optional<std::chrono::milliseconds> spread;
};

ExitCode run_invalidate(Context& ctx, const InvalidateOptions& options) {
    if (!options.keys.names_any()) {
        throw Error(ExitCode::usage, "which keys? give a PATTERN, --keys-from or --members-of",
                    "every key of the database: cachectl flush --whole-db");
    }
    ChangeWork work;
    work.command = "invalidate";
    work.keys = options.keys;
    if (options.spread) {
        spread(work, *options.spread);
    }
    if (!options.and_set) {
        return Change(ctx, options.change, std::move(work)).run();
    }
    if (options.keys.members_of.empty()) {
        throw Error(ExitCode::usage, "--and-set goes with --members-of");
    }
    if (options.spread || !options.change.backup_file.empty()) {
        throw Error(ExitCode::usage,
                    "--and-set takes members out one by one: --backup does not save that, and "
                    "--spread leaves their keys there",
                    "without --and-set the set stays as it is");
    }
    work.effect =
        escape_for_terminal(fmt::format("afterwards '{}' too, when all that it lists is gone",
                                        fmt::join(options.keys.members_of, "' and '")));
    Change change(ctx, options.change, std::move(work));
    change.connect();
    if (change.prepare()) {
        change.change_keys();
        change.empty_listing_sets();
    } else if (change.dry_run() || (change.planned() == 0 && !change.must_ask())) {
        change.empty_listing_sets();  // to say so; or because what it lists was gone before
    }
    return change.finish();
}

constexpr const char* k_put_back_with_ttl =
    "with `--and-set`, for sets with a time to live into which keys are put back";
constexpr const char* k_ttl_late = "the set gets its time to live a moment after the keys";

constexpr auto k_invalidate_rights = key_rights::and_backup(std::array{
    AclRight{"+pexpire", "with `--spread`", ""},
    AclRight{"+pttl", "with `--spread`", ""},
    AclRight{"+object|idletime", "with `--spread`", "keys go in any order"},
    AclRight{"+object|refcount", "with `--spread`", "keys go in any order"},
    key_rights::k_scan,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+unlink", "without `--spread`", ""},
    AclRight{"+del",
             "with `--allow-del`, where `+unlink` is missing; then `+memory|usage` and `+type` too",
             ""},
    AclRight{"+memory|usage", "without `--size-over`", key_rights::k_small_batches},
    AclRight{"+exists", "with `--and-set`", ""},
    AclRight{"+srem", "with `--and-set`, for sets", ""},
    AclRight{"+zrem", "with `--and-set`, for sorted sets", ""},
    AclRight{"+pttl", "with `--and-set`", ""},
    AclRight{"+sadd", "with `--and-set`, for sets into which keys are put back", ""},
    AclRight{"+zadd", "with `--and-set`, for sorted sets into which keys are put back", ""},
    AclRight{"+pexpire", k_put_back_with_ttl, ""},
    AclRight{"+multi", k_put_back_with_ttl, k_ttl_late},
    AclRight{"+exec", k_put_back_with_ttl, k_ttl_late},
    key_rights::k_exists,
    key_rights::k_name_exists,
    key_rights::k_type_of_changed,
    key_rights::k_type_of_mark,
    key_rights::k_pttl,
    key_rights::k_size,
    key_rights::k_idle,
    key_rights::k_references,
});

void add_invalidate(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<InvalidateOptions>();
    syntax.description(
        "Delete the keys that match any of the patterns, or that a list names. On a terminal it "
        "counts first, says how many keys in which namespaces on which server, and asks; where "
        "many more have come by then, it stops (8). Without one it needs --yes. Keys go with "
        "UNLINK, in batches that travel with the walk. A string of hundreds of MiB holds the "
        "server "
        "for some ten milliseconds all the same: strings are freed at once.\n\n"
        "The summary adds up: matched keys are deleted, protected (spared), vanished (gone "
        "before they could be deleted, or listed and not there), failed (refused by the server), "
        "unknown (sent, and the connection ended before the reply) or not attempted. "
        "Its namespaces count the keys that are gone; in a dry run, those that would go.\n\n"
        "Keys that look like another program's job queue, sessions or locks are named in the "
        "question, in a dry run and in the summary. Where every key is meant (--all) and nobody "
        "is asked, they stop the command before anything is changed, unless --protect spares "
        "them or --include-neighbours is given.\n\n"
        "--members-of takes the keys that a set or sorted set lists; patterns and filters then "
        "choose among these. The set stays as it is, unless --and-set is given: after the keys, "
        "and only if none of them was protected, refused or left over, the set is read again, "
        "and what lists no key that exists is taken out of it (SREM, ZREM); with the last member "
        "the set is gone. A key that was listed meanwhile, and exists, stays listed, and the "
        "summary says that the set stays. This holds for applications that write a key first "
        "and list it then, or do both in one transaction: one that lists a key before it exists "
        "may find it taken out.");
    add_key_options(syntax, options->keys);
    syntax
        .add_flag("--and-set", options->and_set,
                  "With --members-of: when all of these keys are gone, the set that listed them "
                  "goes too; not with --backup, which does not save that, nor with --spread")
        .group("Choosing keys");
    add_change_options(syntax, options->change);
    add_plan_options(syntax, options->change);
    add_backup_options(syntax, options->change);
    add_spread_option(syntax, options->spread);
    add_all_option(syntax, options->change);
    add_neighbours_option(syntax, options->change);
    add_allow_del_option(syntax, options->change);
    syntax.footer(
        "Examples:\n"
        "  cachectl invalidate 'course:*' --dry-run\n"
        "      how many keys that would delete, and some of them\n"
        "  cachectl invalidate 'course:*' 'menu:*' --yes --max-keys 50000\n"
        "      in a script, and nothing at all if it is more than expected\n"
        "  cachectl invalidate 'course:*' --plan clear.json\n"
        "      what would be deleted, written down for cachectl apply, and nothing deleted\n"
        "  cachectl invalidate 'course:*' --yes --backup before.rdb\n"
        "      each key is saved before it is deleted; cachectl restore before.rdb is the undo\n"
        "  cachectl invalidate --keys-from stale.txt --protect 'sess:*' --yes --json\n"
        "      the keys of a list, and a summary to be parsed\n"
        "  cachectl invalidate --members-of tag:course:42 --and-set --yes\n"
        "      the keys that a tag lists, and then the tag itself\n");
    action = [options](Context& ctx) { return run_invalidate(ctx, *options); };
}

}  // namespace

Command invalidate_command() {
    return {"invalidate",           "Change",       "Delete keys by pattern or list",
            Command::Needs::server, add_invalidate, k_invalidate_rights};
}

}  // namespace cachectl
