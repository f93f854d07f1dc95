// ttl: when keys expire, one by one, summed up as a histogram, or by namespace in time.
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "keyspace/ttl_figures.hpp"
#include "keyspace/ttl_histogram.hpp"
#include "keyspace/ttl_timeline.hpp"
#include "keyspace/ttl_timeline_drawing.hpp"
#include "keyspace/ttl_timeline_report.hpp"
#include "keyspace/ttl_value.hpp"
#include "util/parse.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

struct TtlOptions {
    KeyOptions keys;
    FormatChoice output;
    bool summary = false;
    std::optional<milliseconds> timeline;
    std::uint64_t sample = 0;

    /// Whether the keys are added up instead of being listed.
    [[nodiscard]] bool adds_up() const { return summary || timeline.has_value(); }
};

std::vector<Field> fields() {
    return {{"key", "KEY", Field::Kind::key},
            {"exists", "", Field::Kind::flag},
            {"ttl_ms", "TTL", Field::Kind::milliseconds, "never", Style::yellow},
            {"expires_at", "EXPIRES (UTC)", Field::Kind::date, "-"}};
}

void write_row(Rows& rows, const KeyFacts& key, std::chrono::system_clock::time_point now) {
    if (!key.ttl) {
        const auto ttl = key.exists ? ttl_value(key) : FieldValue::absent("missing", Style::red);
        rows.row({key.key, key.exists, ttl, FieldValue::absent("-", Style::plain)});
        return;
    }
    const auto date = format_utc(add_clamped(std::chrono::floor<milliseconds>(now), *key.ttl));
    rows.row({key.key, key.exists, key.ttl,
              date ? FieldValue(*date) : FieldValue::absent("after 9999", Style::plain)});
}

/// A key that is not there cannot obey a filter on what it is.
bool goes_by_facts(const KeyFilter& filter) {
    return filter.facts_needed().any() || !filter.type.empty();
}

Selection selection_of(const TtlOptions& options, Context& ctx) {
    Selection selection = make_selection(options.keys, ctx);
    const bool listed = selection.next_listed_key != nullptr;
    if (options.sample != 0 && (!options.adds_up() || listed)) {
        throw Error(ExitCode::usage, "--sample goes with --summary or --timeline of a walk");
    }
    selection.sample = options.sample;
    selection.facts.ttl = true;
    selection.keep_missing = listed && !options.adds_up() && !goes_by_facts(selection.filter);
    return selection;
}

/// Whether there is anything to be written: not of a walk that was refused at once.
bool has_figures(const SelectionOutcome& outcome) {
    return outcome.selected != 0 || !outcome.walk.failure;
}

ExitCode run_summary(Context& ctx, const TtlOptions& options, KeyWalk& walk) {
    TtlHistogram ttls;
    const SelectionOutcome outcome = walk.run(ttls);
    if (has_figures(outcome)) {
        write_ttl_summary(ctx.out, ctx.out_display(), ttls,
                          options.output.resolve(ctx.out_terminal), outcome.complete());
    }
    return finish_walk(ctx, outcome);
}

ExitCode run_timeline(Context& ctx, const TtlOptions& options, KeyWalk& walk) {
    TimelineStyle style{.format = options.output.resolve(ctx.out_terminal),
                        .display = ctx.out_display(),
                        .escaped = ctx.out_terminal.attached,
                        .from = std::chrono::floor<milliseconds>(ctx.wall_now())};
    const bool is_drawn = style.format == Format::table;
    TtlTimeline timeline(*options.timeline, timeline_cells(is_drawn ? style.display : Display()),
                         ctx.now);
    const SelectionOutcome outcome = walk.run(timeline);
    style.complete = outcome.complete();
    if (has_figures(outcome)) {
        write_ttl_timeline(ctx.out, style, timeline);
    }
    return finish_walk(ctx, outcome);
}

ExitCode run_ttl(Context& ctx, const TtlOptions& options) {
    KeyWalk walk(ctx, options.keys.walk.pace, selection_of(options, ctx), "reading TTLs");
    if (options.summary) {
        return run_summary(ctx, options, walk);
    }
    if (options.timeline) {
        return run_timeline(ctx, options, walk);
    }
    Rows rows(ctx.out, rows_style(ctx, options.output, options.keys), fields());
    return finish_walk(
        ctx, walk.run(rows, [&](const KeyFacts& key) { write_row(rows, key, ctx.wall_now()); }));
}

/// A second at least: servers count in milliseconds, and a cell is a part of it.
milliseconds parse_span(const std::string& text) {
    const milliseconds span = parse_duration(text);
    if (span < std::chrono::seconds(1)) {
        throw Error(ExitCode::usage, "'" + text + "' is shorter than a second");
    }
    return span;
}

constexpr std::array k_ttl_rights = {
    key_rights::k_scan, key_rights::k_sscan, key_rights::k_zscan, AclRight{"+pttl", "", ""},
    key_rights::k_type, key_rights::k_size,  key_rights::k_idle,  key_rights::k_references};

void add_ttl(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<TtlOptions>();
    syntax.description(
        "Show for each key how long it has left and when that will be, in UTC by this machine's "
        "clock; a key without a time to live is never removed by itself. Into a pipe: milliseconds "
        "(or never, or missing), date and key, tab-separated. Keys that are named, by --keys-from "
        "or without any glob among the patterns, and do not exist are listed as missing. --summary "
        "draws how the keys' times to live are distributed; with --sample it takes a few round "
        "trips however many keys there are, and says within what limits the true figures are with "
        "95 % probability. --timeline draws for each namespace how many keys expire when, and "
        "names the cliffs: where more than a quarter of a namespace's keys, 100 at least, expire "
        "within a minute, with the command that spreads them.");
    add_key_options(syntax, options->keys, WritesKeys::yes);
    Option& summary = syntax.add_flag("--summary", options->summary,
                                      "Counts by time to live instead of the keys: a histogram");
    summary.group("Output");
    add_parsed_option(syntax, "--timeline", options->timeline, parse_span, "DUR",
                      "When the keys of each namespace expire, from now to DUR: 1h, 7d")
        .excludes(summary)
        .group("Output");
    add_parsed_option(
        syntax, "--sample", options->sample,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "With --summary and --timeline: look at N keys drawn by lot (2 at least), and estimate "
        "for all")
        .group("Choosing keys");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl ttl --summary\n"
        "      how much of the cache expires when, and how much of it never\n"
        "  cachectl ttl --summary --sample 10000\n"
        "      the same in a moment, as an estimate\n"
        "  cachectl ttl --timeline 1h\n"
        "      what expires in the next hour, and whether too much of it does at once\n"
        "  cachectl ttl 'course:*' --ttl-below 5m\n"
        "      what will have to be loaded again within five minutes\n"
        "  cachectl ttl --keys-from keys.txt --json\n"
        "      the times to live of these keys, for a script\n");
    action = [options](Context& ctx) { return run_ttl(ctx, *options); };
}

}  // namespace

Command ttl_command() {
    return {"ttl",
            "Look",
            "Show when keys expire: a list, a histogram, a timeline",
            Command::Needs::server,
            add_ttl,
            k_ttl_rights};
}

}  // namespace cachectl
