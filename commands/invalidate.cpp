// invalidate: delete keys by pattern or list.
#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "change/change.hpp"
#include "change/spread.hpp"
#include "cli/key_rights.hpp"
#include "commands/commands.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

struct InvalidateOptions {
    KeyOptions keys;
    ChangeOptions change;
    std::optional<std::chrono::milliseconds> spread;
};

ExitCode run_invalidate(Context& ctx, const InvalidateOptions& options) {
    if (options.keys.filter.patterns.empty() && options.keys.keys_from.empty()) {
        throw Error(ExitCode::usage, "which keys? give a PATTERN or --keys-from",
                    "every key of the database: cachectl flush --whole-db");
    }
    ChangeWork work;
    work.command = "invalidate";
    work.keys = options.keys;
    if (options.spread) {
        spread(work, *options.spread);
    }
    return Change(ctx, options.change, std::move(work)).run();
}

constexpr auto k_invalidate_rights = key_rights::and_backup(std::array{
    AclRight{"+pexpire", "with `--spread`", ""},
    AclRight{"+pttl", "with `--spread`", ""},
    AclRight{"+object|idletime", "with `--spread`", "keys go in any order"},
    key_rights::k_scan,
    AclRight{"+unlink", "without `--spread`", ""},
    AclRight{"+del",
             "with `--allow-del`, where `+unlink` is missing; then `+memory|usage` and `+type` too",
             ""},
    AclRight{"+memory|usage", "without `--size-over`", key_rights::k_small_batches},
    key_rights::k_exists,
    key_rights::k_name_exists,
    key_rights::k_type_of_changed,
    key_rights::k_pttl,
    key_rights::k_size,
    key_rights::k_idle,
});

void add_invalidate(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<InvalidateOptions>();
    syntax.description(
        "Delete the keys that match any of the patterns, or that a list names. On a terminal it "
        "counts first, says how many keys in which namespaces on which server, and asks; without "
        "one it needs --yes. Keys go with UNLINK, in batches that travel with the walk.\n\n"
        "The summary adds up: matched keys are deleted, protected (spared), vanished (gone "
        "before they could be deleted, or listed and not there), failed (refused by the server), "
        "unknown (sent, and the connection ended before the reply) or not attempted. "
        "Its namespaces count the keys that are gone; in a dry run, those that would go.");
    add_key_options(syntax, options->keys);
    add_change_options(syntax, options->change);
    add_plan_options(syntax, options->change);
    add_backup_options(syntax, options->change);
    add_spread_option(syntax, options->spread);
    add_all_option(syntax, options->change);
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
        "      the keys of a list, and a summary to be parsed\n");
    action = [options](Context& ctx) { return run_invalidate(ctx, *options); };
}

}  // namespace

Command invalidate_command() {
    return {"invalidate",           "Change",       "Delete keys by pattern or list",
            Command::Needs::server, add_invalidate, k_invalidate_rights};
}

}  // namespace cachectl
