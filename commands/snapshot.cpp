// snapshot: du's table kept in a file, for diff.
#include <array>
#include <memory>

#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"
#include "usage/snapshot.hpp"
#include "util/parse.hpp"
#include "util/shell_path.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

struct SnapshotOptions {
    std::string file;
    UsageChoice choice;
    std::uint64_t depth = 2;
};

ExitCode run_snapshot(Context& ctx, const SnapshotOptions& options) {
    if (options.choice.keys.limit != 0) {
        throw Error(ExitCode::usage,
                    "--limit takes the keys that come first, which are others each time: they "
                    "cannot be compared",
                    "--sample N estimates all of them from N keys");
    }
    const std::string delimiter = delimiter_of(ctx, options.choice);
    const unsigned depth =
        segments_asked_for(options.choice, delimiter) + static_cast<unsigned>(options.depth);
    const CollectedUsage collected =
        collect_usage(ctx, options.choice, {.depth = depth, .largest = 0, .ttls = true});
    const ExitCode code = finish_walk(ctx, collected.outcome);
    if (code != ExitCode::ok) {
        return code;  // what is not whole is not kept: diff would take what is missing for gone
    }
    const Snapshot snapshot = make_snapshot(ctx, options.choice, collected, depth);
    if (options.file == "-") {
        ctx.out.write(to_text(snapshot));
        return ExitCode::ok;
    }
    save_snapshot(snapshot, options.file);
    const bool is_of_list = !options.choice.keys.keys_from.empty();
    ctx.note(fmt::format(
        "{} {} in {} {}, kept in {}{}",
        format_count(static_cast<std::uint64_t>(snapshot.total.keys.value)),
        snapshot.total.keys.value == 1 ? "key" : "keys", format_count(snapshot.rows.size()),
        snapshot.rows.size() == 1 ? "namespace" : "namespaces", options.file,
        is_of_list ? std::string()
                   : fmt::format("; later: cachectl diff {} now", shell_path(options.file))));
    return ExitCode::ok;
}

constexpr std::array k_snapshot_rights = {
    key_rights::k_scan, AclRight{"+pttl", "", ""},
    AclRight{"+memory|usage", "", "sizes are left out: keys are counted"},
    AclRight{"+dbsize", "where a sample is drawn", key_rights::k_all_looked_at},
    AclRight{"+cluster|countkeysinslot", "on a cluster of newer servers, where a sample is drawn",
             ""}};

void add_snapshot(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<SnapshotOptions>();
    syntax.description(
        "Keep what du shows in a file of a few KiB: keys, memory and times to live by namespace, "
        "the 200 largest by name; no values, and of each namespace the name of one key. diff "
        "compares it with a later one of the same choice of keys, or with now, looking at the same "
        "keys: the options that chose them are kept too. A file that is empty, or a snapshot "
        "already, is replaced, in one step; any other is left as it is.");
    add_text_option(syntax, "FILE", options->file, "", "The file to write; - is stdout").required();
    add_usage_choice(syntax, options->choice);
    add_parsed_option(
        syntax, "--depth", options->depth,
        [](const std::string& text) {
            const std::uint64_t depth = parse_positive_count(text, "a number of segments");
            if (depth > 4) {
                throw Error(ExitCode::usage, "--depth is at most 4");
            }
            return depth;
        },
        "N", "Rows of that many segments below the namespaces given (default 2)")
        .group("Output");
    syntax.footer(
        "Examples:\n"
        "  cachectl snapshot before-release.snap\n"
        "      and after the release: cachectl diff before-release.snap now\n"
        "  cachectl snapshot \"cache-$(date +%F).snap\" --exact\n"
        "      every night, of all keys\n");
    action = [options](Context& ctx) { return run_snapshot(ctx, *options); };
}

}  // namespace

Command snapshot_command() {
    return {"snapshot",
            "Look",
            "Keep what keys take by namespace in a file, for diff",
            Command::Needs::server,
            add_snapshot,
            k_snapshot_rights};
}

}  // namespace cachectl
