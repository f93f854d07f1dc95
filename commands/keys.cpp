// keys: list keys with SCAN, filtered.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "cli/context.hpp"
#include "cli/key_list.hpp"
#include "cli/key_rights.hpp"
#include "cli/key_walk.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

struct KeysOptions {
    KeyOptions keys;
    FormatChoice output;
    bool long_listing = false;
};

std::vector<Field> fields_of(const KeysOptions& options) {
    const Field key{"key", "KEY", Field::Kind::key};
    if (!options.long_listing) {
        return {key};
    }
    return {key,
            {"type", "TYPE"},
            {"ttl_ms", "TTL", Field::Kind::milliseconds, "never", Style::yellow},
            {"size_bytes", "SIZE", Field::Kind::bytes, "?"},
            {"idle_s", "IDLE", Field::Kind::seconds, "?"}};
}

void warn_of_ambiguous(Context& ctx, std::uint64_t keys) {
    if (keys == 0) {
        return;
    }
    ctx.warn(fmt::format(
        "{} {} not read back from such a list as what {}: --escaped writes and "
        "reads any but the empty key, -0 any without NUL",
        format_count(keys), keys == 1 ? "key is" : "keys are", keys == 1 ? "it is" : "they are"));
}

ExitCode run_keys(Context& ctx, const KeysOptions& options) {
    Selection selection = make_selection(options.keys, ctx);
    if (options.long_listing) {
        selection.facts = {.type = true, .ttl = true, .size = true, .idle = true, .may_lack = true};
    }
    selection.facts.existence = selection.next_listed_key != nullptr;

    KeyWalk walk(ctx, options.keys.walk.pace, std::move(selection), "listing");
    Rows rows(ctx.out, rows_style(ctx, options.output, options.keys), fields_of(options));
    const bool is_list = rows.are_lines() && !ctx.out_terminal.attached;
    std::uint64_t ambiguous = 0;
    const SelectionOutcome outcome = walk.run(rows, [&](const KeyFacts& key) {
        if (options.long_listing) {
            rows.row({key.key, key.type, key.ttl, key.size_bytes, key.idle});
        } else {
            rows.row({key.key});
        }
        if (is_list && !reads_back(key.key, options.keys.form())) {
            ++ambiguous;
        }
    });
    warn_of_ambiguous(ctx, ambiguous);
    return finish_walk(ctx, outcome);
}

constexpr std::array k_keys_rights = {
    key_rights::k_scan,
    key_rights::k_sscan,
    key_rights::k_zscan,
    AclRight{"+exists", "with `--keys-from` or `--members-of`", ""},
    key_rights::k_name_exists,
    AclRight{"+type", "with `-l`, or `--type` and `--keys-from` or `--members-of`", ""},
    AclRight{"+pttl", "with `-l`, `--no-ttl`, `--ttl-below` or `--ttl-above`", ""},
    AclRight{"+memory|usage", "with `-l`", "sizes are not known"},
    AclRight{"+object|idletime", "with `-l`", "idle times are not known"},
    key_rights::k_size,
    key_rights::k_idle,
};

void add_keys(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<KeysOptions>();
    syntax.description(
        "List the keys that match any of the patterns, or all keys, walking the server with SCAN "
        "and never with KEYS. Into a pipe, one key a line as raw bytes; on a terminal, bytes that "
        "are not printable are shown as \\xNN. A key that holds a newline would be read as two "
        "from such a list, which a warning says: with --escaped every list reads back as it was "
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

}  // namespace

Command keys_command() {
    return {"keys",   "Look",       "List keys with SCAN, filtered", Command::Needs::server,
            add_keys, k_keys_rights};
}

}  // namespace cachectl
