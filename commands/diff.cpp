// diff: what grew, shrank, came and went since a snapshot.
#include <array>
#include <memory>

#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "commands/commands.hpp"
#include "output/document.hpp"
#include "usage/diff.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

struct DiffOptions {
    std::vector<std::string> files;
    std::optional<std::uint64_t> sample;
    bool exact = false;
    PaceFlags pace;
    FormatChoice output;
};

/// The same choice of keys as the snapshot has, today.
Snapshot take_now(Context& ctx, const DiffOptions& options, const Snapshot& before) {
    if (!before.chosen.keys_from.empty()) {
        throw Error(ExitCode::usage,
                    "the snapshot is of a list of keys (--keys-from " + before.chosen.keys_from +
                        "), which diff does not read",
                    "take another one with the same options, and compare the two");
    }
    UsageChoice choice;
    choice.keys = before.chosen;
    choice.namespaces = before.namespaces;
    choice.delimiter = before.delimiter;
    choice.sample.sample = options.sample;
    choice.sample.exact = options.exact || (!before.sampled && !options.sample);
    choice.keys.walk.pace = options.pace;
    const CollectedUsage collected =
        collect_usage(ctx, choice, {.depth = before.depth, .largest = 0, .ttls = true});
    const ExitCode code = finish_walk(ctx, collected.outcome);
    if (code != ExitCode::ok) {
        throw Error(code, "the keys of now are not all known, so there is nothing to compare");
    }
    return make_snapshot(ctx, choice, collected, before.depth);
}

ExitCode run_diff(Context& ctx, const DiffOptions& options) {
    if (options.files.size() != 2) {
        throw Error(ExitCode::usage, "diff needs two snapshots, or one and the word now",
                    "cachectl diff BEFORE.snap now");
    }
    const Snapshot from = read_snapshot(options.files[0]);
    const Snapshot to =
        options.files[1] == "now" ? take_now(ctx, options, from) : read_snapshot(options.files[1]);
    const Diff diff = compare(from, to);
    if (from.target != to.target) {
        ctx.warn("the snapshots were taken of " + from.target + " and of " + to.target +
                 ": where these are two databases, what differs has not changed");
    }
    write_document(ctx.out, options.output.resolve(ctx.out_terminal),
                   {.table = [&] { write_diff_table(ctx.out, ctx.out_display(), diff); },
                    .lines = [&] { write_diff_rows(ctx.out, diff, Format::plain); },
                    .json =
                        [&](JsonWriter& json) {
                            json.begin_object();
                            write_diff_json(json, diff);
                            json.end_object();
                        },
                    .csv = [&] { write_diff_rows(ctx.out, diff, Format::csv); }});
    return ExitCode::ok;
}

constexpr std::array k_diff_rights = {
    AclRight{"+scan", "with `now`", ""}, AclRight{"+pttl", "with `now`", ""},
    AclRight{"+memory|usage", "with `now`", "sizes are left out: keys are counted"},
    AclRight{"+dbsize", "with `now`, where a sample is drawn", key_rights::k_all_looked_at},
    AclRight{"+cluster|countkeysinslot", "on a cluster of newer servers, with `now`", ""}};

void add_diff(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<DiffOptions>();
    syntax.description(
        "Show what has changed between two snapshots, or between one and now: memory and keys by "
        "namespace, what is new, what is gone, and whose times to live are others. Where one of "
        "the two is an estimate, a change is shown only if it is larger than the estimates may be "
        "off. Into a pipe: change in bytes, change in keys, state (new, gone, grew, shrank, same) "
        "and namespace, tab-separated.");
    add_text_option(syntax, "SNAPSHOT", options->files, "",
                    "Two files that snapshot has written; for the second one also the word now");
    Option& exact = syntax.add_flag("--exact", options->exact,
                                    "With now: look at every key (default: as the snapshot did)");
    exact.group("Choosing keys");
    add_parsed_option(
        syntax, "--sample", options->sample,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "With now: look at N keys drawn by lot")
        .group("Choosing keys")
        .excludes(exact);
    add_pace_options(syntax, options->pace);
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl diff before-release.snap now\n"
        "      what has the release done to the cache?\n"
        "  cachectl diff monday.snap tuesday.snap --json\n"
        "      for a script\n");
    action = [options](Context& ctx) { return run_diff(ctx, *options); };
}

}  // namespace

Command diff_command() {
    return {"diff",
            "Look",
            "Show what grew, shrank, came and went since a snapshot",
            Command::Needs::server,
            add_diff,
            k_diff_rights};
}

}  // namespace cachectl
