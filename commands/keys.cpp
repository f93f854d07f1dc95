// keys: list keys with SCAN, filtered.
#include <fmt/format.h>

#include <memory>

#include "cli/context.hpp"
#include "cli/key_walk.hpp"
#include "cli/listing.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

enum class Detail { name, all };

struct KeysOptions {
    KeyOptions keys;
    FormatChoice output;
    bool long_listing = false;
};

std::string ttl_text(const KeyFacts& key) { return key.ttl ? format_duration(*key.ttl) : "never"; }

std::string idle_text(const KeyFacts& key) { return key.idle ? format_duration(*key.idle) : "?"; }

/// Writes keys as they come, in one of the formats; holds none.
class KeyRows {
public:
    KeyRows(Context& ctx, Format format, Detail detail, const KeyOptions& options)
        : m_out(ctx.out),
          m_format(format),
          m_detail(detail),
          m_end(options.null_separated ? '\0' : '\n'),
          m_on_terminal(ctx.out_terminal.attached),
          m_escape(options.escaped || m_on_terminal),
          m_json(ctx.out, format == Format::json ? JsonLayout::lines : JsonLayout::compact),
          m_csv(ctx.out),
          m_table(ctx.out, ctx.out_look(),
                  {{"TYPE"},
                   {"TTL", ColumnKind::right},
                   {"SIZE", ColumnKind::right},
                   {"IDLE", ColumnKind::right},
                   {"KEY"}}) {
        if (m_format == Format::json) m_json.begin_array();
        if (m_format == Format::csv) csv_row("key", "type", "ttl_ms", "size_bytes", "idle_s");
    }

    void write(const KeyFacts& key) {
        switch (m_format) {
            case Format::table:
                write_for_person(key);
                return;
            case Format::plain:
                write_plain(key);
                return;
            case Format::json:
            case Format::ndjson:
                write_json(key);
                return;
            case Format::csv:
                csv_row(key.key, key.type, number(ttl_ms(key)), number(key.size_bytes),
                        number(idle_s(key)));
                return;
            case Format::prometheus:
                return;  // keys are no metrics: add_keys() does not offer it
        }
    }

    void finish() {
        if (m_format == Format::json) m_json.end_array();
        m_table.finish();
    }

    void show() { m_table.show(); }

    /// Keys that were written in a form from which they cannot be read again.
    [[nodiscard]] std::uint64_t ambiguous() const { return m_ambiguous; }

private:
    static std::optional<std::int64_t> ttl_ms(const KeyFacts& key) {
        return key.ttl ? std::optional(key.ttl->count()) : std::nullopt;
    }
    static std::optional<std::int64_t> idle_s(const KeyFacts& key) {
        return key.idle ? std::optional(key.idle->count()) : std::nullopt;
    }
    template <typename Integer>
    static std::string number(std::optional<Integer> n) {
        return n ? std::to_string(*n) : "";
    }

    void write_for_person(const KeyFacts& key) {
        if (m_detail == Detail::name) {
            write_plain(key);
        } else {
            m_table.row({key.type,
                         {ttl_text(key), key.ttl ? Style::plain : Style::yellow},
                         key.size_bytes ? format_size(*key.size_bytes) : "?",
                         idle_text(key),
                         key.key});
        }
    }

    void write_plain(const KeyFacts& key) {
        if (m_detail == Detail::all) {
            m_out.write(key.type + '\t' + (key.ttl ? number(ttl_ms(key)) : "never") + '\t' +
                        (key.size_bytes ? number(key.size_bytes) : "?") + '\t' +
                        (key.idle ? number(idle_s(key)) : "?") + '\t');
        }
        m_out.write(m_escape ? escape_for_terminal(key.key) : key.key);
        m_out.write({&m_end, 1});
        if (!m_on_terminal && !reads_back(key.key)) ++m_ambiguous;
    }

    /// Whether a list in the form that is written would be read as this key again.
    [[nodiscard]] bool reads_back(const std::string& key) const {
        if (m_end == '\0') return m_escape || key.find('\0') == std::string::npos;
        if (key.empty() || m_escape) return !key.empty();
        return key.find_first_of(std::string_view("\n\0", 2)) == std::string::npos &&
               !key.ends_with('\r') && !key.starts_with("\xef\xbb\xbf");
    }

    void write_json(const KeyFacts& key) {
        m_json.begin_object();
        m_json.bytes_field("key", key.key);
        if (m_detail == Detail::all) {
            m_json.field("type", key.type);
            m_json.field("ttl_ms", ttl_ms(key));
            m_json.field("size_bytes", key.size_bytes);
            m_json.field("idle_s", idle_s(key));
        }
        m_json.end_object();
    }

    void csv_row(std::string_view key, std::string_view type, std::string_view ttl,
                 std::string_view size, std::string_view idle) {
        m_csv.field(key);
        if (m_detail == Detail::all) {
            for (const std::string_view field : {type, ttl, size, idle}) m_csv.field(field);
        }
        m_csv.end_row();
    }

    Writer& m_out;
    Format m_format;
    Detail m_detail;
    char m_end;
    bool m_on_terminal;
    bool m_escape;
    std::uint64_t m_ambiguous = 0;
    JsonWriter m_json;
    CsvWriter m_csv;
    Table m_table;
};

ExitCode run_keys(Context& ctx, const KeysOptions& options) {
    const Detail detail = options.long_listing ? Detail::all : Detail::name;
    Selection selection = make_selection(options.keys, ctx);
    if (detail == Detail::all) {
        selection.facts = {.type = true, .ttl = true, .size = true, .idle = true, .may_lack = true};
    }
    selection.facts.existence = selection.next_listed_key != nullptr;

    selection.after_restart = AfterRestart::new_ones;

    const auto client = ctx.connect();
    const auto paces = make_paces(ctx, *client, options.keys.walk.pace, RateOf::walked);
    const bool plain =
        !options.output.chosen && (options.keys.null_separated || options.keys.escaped);
    KeyRows rows(ctx, plain ? Format::plain : options.output.resolve(ctx.out_terminal), detail,
                 options.keys);
    Listing listing(ctx, "listing", [&] { rows.show(); });
    Selector selector(*client, *paces, std::move(selection));
    selector.on_note = note_to(ctx, listing.progress());
    paces->on_note(selector.on_note);
    selector.on_progress = [&](double fraction, std::uint64_t selected) {
        listing.tell(selector, fraction, selected);
    };
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> keys) {
        listing.make_room();
        for (const KeyFacts& key : keys) rows.write(key);
        return Flow::go_on;
    });
    listing.finish();
    rows.finish();
    if (rows.ambiguous() != 0) {
        ctx.warn(fmt::format(
            "{} {} not read back from such a list as what {}: --escaped writes and reads any but "
            "the "
            "empty key, -0 any without NUL",
            format_count(rows.ambiguous()), rows.ambiguous() == 1 ? "key is" : "keys are",
            rows.ambiguous() == 1 ? "it is" : "they are"));
    }
    if (outcome.lacking) {
        ctx.warn(fmt::format("some columns are not known: {}; {}", outcome.lacking->what(),
                             outcome.lacking->hint()));
    }
    return finish_look(ctx, outcome);
}

}  // namespace

void add_keys(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<KeysOptions>();
    syntax.description(
        "List the keys that match any of the patterns, or all keys, walking the server with SCAN "
        "and never with KEYS. Into a pipe, one key a line as raw bytes; on a terminal, bytes that "
        "are not printable are shown as \\xNN. A key that holds a newline would be read as two "
        "from "
        "such a list, which a warning says: with --escaped every list reads back as it was "
        "written.");
    add_key_options(syntax, options->keys, WritesKeys::yes);
    syntax
        .add_flag("-l,--long", options->long_listing,
                  "Also type, time to live, memory and idle time of each key")
        .group("Output");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson, Format::csv});
    syntax.footer(
        "Examples:\n"
        "  cachectl keys 'course:*' --limit 20\n"
        "      the first 20 keys of a namespace that the walk meets\n"
        "  cachectl keys -l --no-ttl --exclude 'sess:*'\n"
        "      what will stay in the cache for ever, and how large it is\n"
        "  cachectl keys --size-over 1MiB --json\n"
        "      the large keys, for a script\n");
    action = [options](Context& ctx) { return run_keys(ctx, *options); };
}

}  // namespace cachectl
