// keys: list keys with SCAN, filtered; or the first of them in an order, or how many there are.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/ambiguous_keys.hpp"
#include "cli/context.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "keyspace/sum.hpp"
#include "keyspace/top_keys.hpp"
#include "keyspace/ttl_value.hpp"
#include "output/document.hpp"
#include "output/rows.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_sorted_keys = 100;  // unless --limit says it

struct KeysOptions {
    KeyOptions keys;
    FormatChoice output;
    bool long_listing = false;
    bool count = false;
    std::optional<SortOrder> order;

    [[nodiscard]] bool is_ordered_by(SortOrder by) const { return order == by; }
};

/// The rows of a listing: the key, what -l shows, or what it is sorted by.
class KeyRows {
public:
    KeyRows(Context& ctx, const KeysOptions& options)
        : m_options(options),
          m_rows(ctx.out, rows_style(ctx, options.output, options.keys), fields_of(options)),
          m_ambiguous(ctx, m_rows, options.keys.form()) {}

    void write(const KeyFacts& key) {
        if (m_options.long_listing) {
            m_rows.row({key.key, key.type, ttl_value(key), key.size_bytes, key.idle});
        } else if (m_options.is_ordered_by(SortOrder::size)) {
            m_rows.row({key.key, key.size_bytes});
        } else if (m_options.is_ordered_by(SortOrder::ttl)) {
            m_rows.row({key.key, ttl_value(key)});
        } else if (m_options.is_ordered_by(SortOrder::idle)) {
            m_rows.row({key.key, key.idle});
        } else {
            m_rows.row({key.key});
        }
        m_ambiguous.add(key.key);
    }

    [[nodiscard]] Rows& rows() { return m_rows; }
    [[nodiscard]] const AmbiguousKeys& ambiguous() const { return m_ambiguous; }

private:
    static std::vector<Field> fields_of(const KeysOptions& options) {
        const Field key{"key", "KEY", Field::Kind::key};
        const Field ttl{"ttl_ms", "TTL", Field::Kind::milliseconds, "never", Style::yellow};
        const Field size{"size_bytes", "SIZE", Field::Kind::bytes, "?"};
        const Field idle{"idle_s", "IDLE", Field::Kind::seconds, "?"};
        if (options.long_listing) {
            return {key, {"type", "TYPE"}, ttl, size, idle};
        }
        if (options.is_ordered_by(SortOrder::size)) {
            return {key, size};
        }
        if (options.is_ordered_by(SortOrder::ttl)) {
            return {key, ttl};
        }
        if (options.is_ordered_by(SortOrder::idle)) {
            return {key, idle};
        }
        return {key};
    }

    const KeysOptions& m_options;
    Rows m_rows;
    AmbiguousKeys m_ambiguous;
};

Selection selection_of(const KeysOptions& options, Context& ctx) {
    Selection selection = make_selection(options.keys, ctx);
    if (options.long_listing) {
        selection.facts = {.type = true, .ttl = true, .size = true, .idle = true, .may_lack = true};
    }
    if (options.order) {
        selection.facts = selection.facts.with(facts_for(*options.order));
        selection.limit = 0;  // all are looked at
    }
    selection.facts.existence = selection.next_listed_key != nullptr;
    return selection;
}

/// Counts, and holds nothing.
class KeyCount final : public Sum {
public:
    void add(const KeyFacts& /*key*/) override { ++m_keys; }
    void reset() override { m_keys = 0; }
    [[nodiscard]] std::uint64_t keys() const { return m_keys; }

private:
    std::uint64_t m_keys = 0;
};

ExitCode run_count(Context& ctx, const KeysOptions& options) {
    KeyWalk walk(ctx, options.keys.walk.pace, selection_of(options, ctx), "counting");
    KeyCount count;
    const SelectionOutcome outcome = walk.run(count);
    if (outcome.selected == 0 && outcome.walk.failure) {
        return finish_walk(ctx, outcome);
    }
    const auto line = [&](const std::string& number) { ctx.out.write(number + '\n'); };
    write_document(ctx.out, options.output.resolve(ctx.out_terminal),
                   {.table = [&] { line(format_count(count.keys())); },
                    .lines = [&] { line(fmt::to_string(count.keys())); },
                    .json =
                        [&](JsonWriter& json) {
                            json.begin_object();
                            json.field("keys", count.keys());
                            json.field("complete", outcome.complete());
                            json.end_object();
                        },
                    .csv = [&] { ctx.out.write(fmt::format("keys\r\n{}\r\n", count.keys())); }});
    return finish_walk(ctx, outcome);
}

ExitCode run_sorted(Context& ctx, const KeysOptions& options) {
    const std::uint64_t most = options.keys.limit == 0 ? k_sorted_keys : options.keys.limit;
    TopKeys top(*options.order, most);
    KeyWalk walk(ctx, options.keys.walk.pace, selection_of(options, ctx), "sorting");
    const SelectionOutcome outcome = walk.run(top);
    if (options.is_ordered_by(SortOrder::idle) && top.seen() != 0 && top.unknown() == top.seen()) {
        throw Error(ExitCode::refused, "the server keeps no idle times under an LFU policy",
                    "leave --sort idle out");
    }
    KeyRows rows(ctx, options);
    for (const KeyFacts& key : top.take()) {
        rows.write(key);
    }
    rows.rows().finish();
    ctx.out.flush();
    if (options.keys.limit == 0 && top.seen() > most) {
        ctx.note(fmt::format("the first {} of {} keys; --limit N shows another number of them",
                             format_count(most), format_count(top.seen())));
    }
    rows.ambiguous().tell();
    return finish_walk(ctx, outcome);
}

ExitCode run_listed(Context& ctx, const KeysOptions& options) {
    KeyWalk walk(ctx, options.keys.walk.pace, selection_of(options, ctx), "listing");
    KeyRows rows(ctx, options);
    const SelectionOutcome outcome =
        walk.run(rows.rows(), [&](const KeyFacts& key) { rows.write(key); });
    rows.ambiguous().tell();
    return finish_walk(ctx, outcome);
}

ExitCode run_keys(Context& ctx, const KeysOptions& options) {
    if (options.count) {
        return run_count(ctx, options);
    }
    return options.order ? run_sorted(ctx, options) : run_listed(ctx, options);
}

constexpr std::array k_keys_rights = {
    key_rights::k_scan,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+exists", "with `--keys-from` or `--members-of`", ""},
    key_rights::k_name_exists,
    AclRight{"+type", "with `-l`, or `--type` and `--keys-from` or `--members-of`", ""},
    AclRight{"+pttl", "with `-l`, `--sort ttl`, `--no-ttl`, `--ttl-below` or `--ttl-above`", ""},
    AclRight{"+memory|usage", "with `-l`", "sizes are not known"},
    AclRight{"+object|idletime", "with `-l`", "idle times are not known"},
    AclRight{"+memory|usage", "with `--sort size`", ""},
    AclRight{"+object|idletime", "with `--sort idle`", ""},
    AclRight{"+object|refcount", "with `--sort idle`", ""},
    key_rights::k_size,
    key_rights::k_idle,
    key_rights::k_references,
};

void add_keys(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<KeysOptions>();
    syntax.description(
        "List the keys that match any of the patterns, or all keys, walking the server with SCAN "
        "and never with KEYS. Into a pipe, one key a line as raw bytes; on a terminal, bytes that "
        "are not printable are shown as \\xNN. A key that holds a newline would be read as two "
        "from such a list, which a warning says: with --escaped every list reads back as it was "
        "written. --sort looks at all keys that match and holds no more than it shows; --count "
        "holds none.");
    add_key_options(syntax, options->keys, WritesKeys::yes);
    Option& long_listing =
        syntax.add_flag("-l,--long", options->long_listing,
                        "Also type, time to live, memory and idle time of each key");
    long_listing.group("Output");
    Option& sort = add_word_option(
        syntax, "--sort", options->order, sort_order_of, {"size", "ttl", "idle", "name"}, "BY",
        "The largest, the first to expire, the longest unused or the first by name: "
        "--limit of them (default 100), whatever the number of keys");
    sort.group("Output");
    syntax.add_flag("--count", options->count, "The number of keys alone")
        .excludes(sort)
        .excludes(long_listing)
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
        "      the large keys, for a script\n"
        "  cachectl keys --sort size --limit 10\n"
        "      the ten largest keys, and how large they are\n"
        "  cachectl keys 'sess:*' --no-ttl --count\n"
        "      how many sessions will never expire\n");
    action = [options](Context& ctx) { return run_keys(ctx, *options); };
}

}  // namespace

Command keys_command() {
    return {"keys",   "Look",       "List keys with SCAN, filtered", Command::Needs::server,
            add_keys, k_keys_rights};
}

}  // namespace cachectl
