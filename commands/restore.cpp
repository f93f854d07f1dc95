// restore: put back what a backup has.
#include "restore/restore.hpp"

#include <array>
#include <memory>

#include "change/options.hpp"
#include "cli/option.hpp"
#include "cli/pace_options.hpp"
#include "commands/commands.hpp"

namespace cachectl {

namespace {

constexpr std::array k_restore_rights = {
    AclRight{"+restore", "for values up to 100 KiB, and of other types", ""},
    AclRight{"+exists", "with `--dry-run`", ""},
    AclRight{"+exists", "for values above 100 KiB, without `--replace`",
             "those that exist are built up in vain"},
    AclRight{"+append", "for strings above 100 KiB", ""},
    AclRight{"+strlen", "for strings above 100 KiB", ""},
    AclRight{"+hset", "for hashes above 100 KiB", ""},
    AclRight{"+hlen", "for hashes above 100 KiB", ""},
    AclRight{"+rpush", "for lists above 100 KiB", ""},
    AclRight{"+llen", "for lists above 100 KiB", ""},
    AclRight{"+sadd", "for sets above 100 KiB", ""},
    AclRight{"+scard", "for sets above 100 KiB", ""},
    AclRight{"+zadd", "for sorted sets above 100 KiB", ""},
    AclRight{"+zcard", "for sorted sets above 100 KiB", ""},
    AclRight{"+pexpire", "for values above 100 KiB", ""},
    AclRight{"+pttl", "for values above 100 KiB", ""},
    AclRight{"+multi", "for values above 100 KiB", ""},
    AclRight{"+exec", "for values above 100 KiB", ""},
    AclRight{"+pexpireat", "for values above 100 KiB that expire", ""},
    AclRight{"+persist", "for values above 100 KiB that never expire", ""},
    AclRight{"+renamenx", "for values above 100 KiB", ""},
    AclRight{"+watch", "for values above 100 KiB", ""},
    AclRight{"+unlink", "for values above 100 KiB", ""},
};

void add_restore(CommandSyntax& syntax, Action& action) {
    const auto request = std::make_shared<RestoreRequest>();
    constexpr const char* k_group = "Restoring";
    syntax.description(
        "Put the keys of an RDB file back into a server, each with the time that it had left: a "
        "backup of cachectl, or what a server has saved. Checksums are verified before the first "
        "key. What exists is left as it is unless --replace is given, so that the same command "
        "goes on where one was interrupted.\n\n"
        "Of a backup that was cut, or whose run was killed, the whole batches are used. Nothing "
        "says then that all keys are there: the exit status is 5, with --list, --dry-run and "
        "--repair too, and in JSON `complete` and `file_whole` are false.\n\n"
        "Keys go into the database that they are of: those of others are left out, and -n chooses "
        "another. If all keys of the file are of one database that a cluster does not have, they "
        "go into the cluster's own, and a warning says so.\n\n"
        "The summary adds up: matched keys are restored, exist, are protected (with --replace), "
        "have expired since, failed (refused by the server), unknown (sent, and no reply) or not "
        "attempted.\n\n"
        "Into a pipe --list writes a line for each key, separated by tabs: its type, the bytes of "
        "its value as they stand in the file, its time to live in milliseconds (or never, or "
        "expired), its database and its name. In JSON the time of a key that has expired is 0, "
        "and `expired` is true.");
    add_text_option(syntax, "FILE", request->file, "", "The RDB file").required();
    add_text_option(syntax, "PATTERN", request->filter.patterns, "",
                    "Globs: only keys that match any of them");
    add_text_option(syntax, "--exclude", request->filter.excludes, "GLOB",
                    "Leave out keys that match this glob (repeatable)")
        .group("Choosing keys");
    add_key_list_options(syntax, request->names, WritesKeys::yes,
                         "Only keys that this file names (- is stdin), one a line");
    syntax.add_flag("--list", request->list, "Show the keys of the file; needs no server")
        .group(k_group)
        .changes_nothing();
    syntax.add_flag("--replace", request->how.replace, "Overwrite what exists").group(k_group);
    syntax
        .add_flag(
            "--allow-eviction", request->how.allow_eviction,
            "Go on where they do not fit under maxmemory, and the server evicts keys for them")
        .group(k_group);
    add_text_option(syntax, "--repair", request->repair_to, "PATH",
                    "Write what can be used of a file that was cut or damaged to this new file, "
                    "which is whole (exit 5 if anything may be missing from it)")
        .group(k_group)
        .changes_nothing();
    syntax
        .add_flag("--any-version", request->how.any_version,
                  "Send values of a newer server as those of the version that this one takes; it "
                  "refuses what it cannot read. Where that is needed, a warning says so before "
                  "anything is sent")
        .group(k_group);
    add_pace_options(syntax, request->pace);
    add_guard_options(syntax, request->change);
    syntax.find("--max-keys")
        ->description("Change nothing if more keys than this match, be they there already or not");
    syntax.find("--expect")
        ->description("Change nothing unless so many keys match, be they there already or not");
    syntax.footer(
        "Examples:\n"
        "  cachectl restore deleted.rdb --list\n"
        "      what is in a backup\n"
        "  cachectl restore deleted.rdb 'course:*' --dry-run\n"
        "      how many keys of a namespace that would put back\n"
        "  cachectl restore dump.rdb --exclude 'queue:*' --yes\n"
        "      all but the job queue of what a server has saved\n");
    action = [request](Context& ctx) { return run_restore(ctx, *request); };
}

}  // namespace

Command restore_command() {
    return {"restore",   "Change",        "Put back what a backup has", Command::Needs::server,
            add_restore, k_restore_rights};
}

}  // namespace cachectl
