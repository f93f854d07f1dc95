// ttl: when keys expire, one by one or summed up as a histogram.
#include <fmt/format.h>

#include <memory>

#include "cli/context.hpp"
#include "cli/key_walk.hpp"
#include "cli/listing.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "keyspace/ttl_figures.hpp"
#include "keyspace/ttl_histogram.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "util/parse.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr const char* k_beyond_dates = "after 9999";

struct TtlOptions {
    KeyOptions keys;
    FormatChoice output;
    bool summary = false;
    std::uint64_t sample = 0;
};

/// Writes keys as they come, in one of the formats; holds none.
class TtlRows {
public:
    TtlRows(Context& ctx, Format format, const KeyOptions& options)
        : m_ctx(ctx),
          m_format(format),
          m_end(options.null_separated ? '\0' : '\n'),
          m_escape(options.escaped || ctx.out_terminal.attached),
          m_json(ctx.out, format == Format::json ? JsonLayout::lines : JsonLayout::compact),
          m_csv(ctx.out),
          m_table(ctx.out, ctx.out_look(),
                  {{"TTL", ColumnKind::right}, {"EXPIRES (UTC)"}, {"KEY"}}) {
        if (m_format == Format::json) m_json.begin_array();
        if (m_format == Format::csv) csv_row({"key", "exists", "ttl_ms", "expires_at"});
    }

    void write(const KeyFacts& key) {
        const std::string ttl = key.ttl ? std::to_string(key.ttl->count()) : "";
        const std::optional<std::string> date = expiry(key);
        const std::string expires = date.value_or("");
        switch (m_format) {
            case Format::table:
                write_for_person(key);
                return;
            case Format::plain:
                m_ctx.out.write((key.ttl      ? ttl + '\t' + date.value_or(k_beyond_dates)
                                 : key.exists ? "never\t-"
                                              : "missing\t-") +
                                '\t' + (m_escape ? escape_for_terminal(key.key) : key.key) + m_end);
                return;
            case Format::json:
            case Format::ndjson:
                write_json(key);
                return;
            case Format::csv:
                csv_row({key.key, key.exists ? "true" : "false", ttl, expires});
                return;
            case Format::prometheus:
                return;  // add_ttl() does not offer it
        }
    }

    void finish() {
        if (m_format == Format::json) m_json.end_array();
        m_table.finish();
    }

    void show() { m_table.show(); }

private:
    std::optional<std::string> expiry(const KeyFacts& key) const {
        if (!key.ttl) return std::nullopt;
        return format_utc(
            add_clamped(std::chrono::floor<milliseconds>(m_ctx.wall_now()), *key.ttl));
    }

    void write_for_person(const KeyFacts& key) {
        std::string expires = expiry(key).value_or(key.ttl ? k_beyond_dates : "-");
        if (expires.ends_with('Z')) {  // the title says UTC
            expires.replace(expires.find('T'), 1, " ");
            expires.pop_back();
        }
        const Cell ttl = key.ttl      ? Cell(format_duration(*key.ttl))
                         : key.exists ? Cell("never", Style::yellow)
                                      : Cell("missing", Style::red);
        m_table.row({ttl, expires, key.key});
    }

    void write_json(const KeyFacts& key) {
        m_json.begin_object();
        m_json.bytes_field("key", key.key);
        m_json.field("exists", key.exists);
        m_json.field("ttl_ms", key.ttl ? std::optional(key.ttl->count()) : std::nullopt);
        m_json.key("expires_at");
        if (const auto expires = expiry(key)) {
            m_json.value(*expires);
        } else {
            m_json.value(nullptr);
        }
        m_json.end_object();
    }

    void csv_row(std::initializer_list<std::string_view> fields) {
        for (const std::string_view field : fields) m_csv.field(field);
        m_csv.end_row();
    }

    Context& m_ctx;
    Format m_format;
    char m_end;
    bool m_escape;
    JsonWriter m_json;
    CsvWriter m_csv;
    Table m_table;
};

/// A key that is not there cannot obey a filter on what it is.
bool looks_at_facts(const KeyFilter& filter) {
    return filter.facts_needed().any() || !filter.type.empty();
}

ExitCode run_ttl(Context& ctx, const TtlOptions& options) {
    const bool plain =
        !options.output.chosen && (options.keys.null_separated || options.keys.escaped);
    const Format format =
        plain && !options.summary ? Format::plain : options.output.resolve(ctx.out_terminal);
    Selection selection = make_selection(options.keys, ctx);
    if (options.sample != 0 && (!options.summary || selection.next_listed_key)) {
        throw Error(ExitCode::usage, "--sample goes with --summary of a walk");
    }
    selection.sample = options.sample;
    selection.facts.ttl = true;
    const bool listed = selection.next_listed_key != nullptr;
    selection.keep_missing = listed && !options.summary && !looks_at_facts(selection.filter);

    if (!options.summary) selection.after_restart = AfterRestart::new_ones;

    const auto client = ctx.connect();
    const auto paces = make_paces(ctx, *client, options.keys.walk.pace, RateOf::walked);
    std::optional<TtlRows> rows;
    if (!options.summary) rows.emplace(ctx, format, options.keys);
    TtlHistogram ttls;
    Listing listing(ctx, "reading TTLs", [&] {
        if (rows) rows->show();
    });
    Selector selector(*client, *paces, std::move(selection));
    selector.on_note = note_to(ctx, listing.progress());
    paces->on_note(selector.on_note);
    selector.on_progress = [&](double fraction, std::uint64_t selected) {
        listing.tell(selector, fraction, selected);
    };
    selector.on_resume = [&](bool from_start) {
        if (from_start && !listed) ttls = TtlHistogram();  // the keys will all come again
    };
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> keys) {
        if (rows) listing.make_room();
        for (const KeyFacts& key : keys) {
            if (rows) {
                rows->write(key);
            } else if (key.ttl) {
                ttls.add(*key.ttl);
            } else {
                ttls.add_persistent();
            }
        }
        return Flow::go_on;
    });
    listing.finish();
    if (rows) {
        rows->finish();
    } else if (outcome.selected != 0 || !outcome.walk.failure) {
        write_ttl_summary(ctx.out, ctx.out_look(), ttls, format, outcome.complete(),
                          outcome.sample);
    }
    return finish_look(ctx, outcome);
}

}  // namespace

void add_ttl(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<TtlOptions>();
    syntax.description(
        "Show for each key how long it has left and when that will be, in UTC by this machine's "
        "clock; a key without a time to live is never removed by itself. Into a pipe: "
        "milliseconds (or never, or missing), date and key, tab-separated. Keys that are "
        "named, by --keys-from or without any glob among the patterns, and do not exist are listed "
        "as missing. "
        "--summary draws how the keys' times "
        "to live are distributed; with --sample it takes a few round trips however many keys there "
        "are, and says within what limits the true figures are with 95 % probability.");
    add_key_options(syntax, options->keys, WritesKeys::yes);
    syntax
        .add_flag("--summary", options->summary,
                  "Counts by time to live instead of the keys: a histogram")
        .group("Output");
    add_parsed_option(
        syntax, "--sample", options->sample,
        [](const std::string& text) { return parse_positive_count(text, "a number of keys"); }, "N",
        "With --summary: look at N keys drawn by lot, and estimate for all")
        .group("Choosing keys");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl ttl --summary\n"
        "      how much of the cache expires when, and how much of it never\n"
        "  cachectl ttl --summary --sample 10000\n"
        "      the same in a moment, as an estimate\n"
        "  cachectl ttl 'course:*' --ttl-below 5m\n"
        "      what will have to be loaded again within five minutes\n"
        "  cachectl ttl --keys-from keys.txt --json\n"
        "      the times to live of these keys, for a script\n");
    action = [options](Context& ctx) { return run_ttl(ctx, *options); };
}

}  // namespace cachectl
