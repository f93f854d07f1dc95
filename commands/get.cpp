// get: keys: what each is, how long it lives, what it costs, and its value, bounded and readable.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/key_reader.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "keyspace/value.hpp"
#include "keyspace/value_report.hpp"
#include "output/escape.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_all_elements = 0;
constexpr std::uint64_t k_shown_bytes = 4096;         // of a text, and of each element
constexpr std::uint64_t k_decoded_bytes = 64 * 1024;  // that are read for a person, to be decoded

struct GetOptions {
    std::vector<std::string> keys;
    FormatChoice output;
    std::optional<std::uint64_t> max_value;
    std::uint64_t limit = 100;
    bool raw = false;
    std::vector<std::string> fields;
    std::optional<IndexRange> range;

    [[nodiscard]] bool asks_for_some() const { return !fields.empty() || range.has_value(); }
};

ValueLimits limits_of(const GetOptions& options, Format format) {
    ValueLimits limits;
    const bool decodes = !options.raw && format == Format::table;
    const std::uint64_t of_string = options.raw ? 0 : decodes ? k_decoded_bytes : k_shown_bytes;
    const std::uint64_t of_element = options.raw && options.asks_for_some() ? 0 : k_shown_bytes;
    limits.bytes = options.max_value.value_or(of_string);
    limits.element_bytes = options.max_value.value_or(of_element);
    limits.elements = options.limit;
    limits.fields = options.fields;
    limits.range = options.range;
    return limits;
}

/// The bytes of one string, or of the one element that was asked for.
void write_raw(Context& ctx, const GetOptions& options, const KeyRecord& record) {
    if (record.type != "string" && (!options.asks_for_some() || record.elements.size() != 1)) {
        throw Error(ExitCode::usage, "--raw is for strings; this key holds a " + record.type,
                    "--json tells all kinds of values exactly; --raw --field NAME and --raw "
                    "--index N are the bytes of one element");
    }
    const std::string& bytes =
        record.type == "string" ? record.text : record.elements.front().bytes;
    if (ctx.out_terminal.attached) {
        ctx.out.write(escape_for_terminal(bytes, Newlines::keep) + '\n');
    } else {
        ctx.out.write(bytes);
    }
}

ExitCode run_raw(Context& ctx, const GetOptions& options) {
    if (options.output.chosen) {
        throw Error(ExitCode::usage, "--raw is a format of its own; leave -o out");
    }
    if (options.keys.size() != 1) {
        throw Error(ExitCode::usage, "--raw is the bytes of one key");
    }
    const auto client = ctx.connect();
    // For a person it is escaped as a whole: a slice may end within a character.
    const bool streams = !ctx.out_terminal.attached;
    const KeyRecord record =
        KeyReader(ctx, *client, options.keys, limits_of(options, Format::plain)).only(streams);
    if (!streams || record.type != "string") {
        write_raw(ctx, options, record);
    }
    ctx.out.flush();
    const std::uint64_t streamed =
        record.truncated ? options.max_value.value_or(0) : record.length.value_or(0);
    note_missing(ctx, record, {.shown = streams ? streamed : record.text.size()});
    return stop_signal() != 0 ? stopped_exit_code() : ExitCode::ok;
}

ExitCode run_get(Context& ctx, const GetOptions& options) {
    if (options.raw) {
        return run_raw(ctx, options);
    }
    const Format format = options.output.resolve(ctx.out_terminal);
    const auto client = ctx.connect();
    KeyReader reader(ctx, *client, options.keys, limits_of(options, format));
    const bool many = options.keys.size() > 1;
    write_values(
        ctx.out,
        {.format = format,
         .display = ctx.out_display(),
         .escaped = ctx.out_terminal.attached,
         .many = many,
         .positions = options.range.has_value(),
         .text_bytes = options.max_value.value_or(k_shown_bytes)},
        [&] { return reader.next(); },
        [&](const KeyRecord& record, std::optional<std::uint64_t> shown) {
            ctx.out.flush();
            note_missing(ctx, record, {.shown = shown, .names_key = many});
        });
    ctx.out.flush();
    if (stop_signal() != 0) {
        return stopped_exit_code();
    }
    reader.finish();
    return ExitCode::ok;
}

constexpr std::array k_get_rights = {
    AclRight{"+type", "", ""},
    AclRight{"+pttl", "", ""},
    AclRight{"+object|encoding", "", "the encoding is unknown"},
    AclRight{"+memory|usage", "", "the size is unknown"},
    AclRight{"+object|idletime", "", "the idle time is unknown"},
    AclRight{"+strlen", "of a string", ""},
    AclRight{"+getrange", "of a string", ""},
    AclRight{"+watch",
             "of what comes in several slices (of 16 to 256 KiB): strings, lists and sorted sets",
             "that it was rewritten meanwhile is noticed by its length alone"},
    AclRight{"+multi", "like `+watch`", "the same"},
    AclRight{"+exec", "like `+watch`", "the same"},
    AclRight{"+hlen", "of a hash", ""},
    AclRight{"+hscan", "of a hash, without `--field`", ""},
    AclRight{"+hrandfield", "of a large hash, on Redis before 7.4",
             "values come together with their fields, however long they are"},
    AclRight{"+hstrlen", "of a large hash, and with `--field`", ""},
    AclRight{"+hmget", "of a large hash, and with `--field`", ""},
    AclRight{"+hpttl", "of a hash, on Redis from 7.4 and Valkey from 9.0 on",
             "times to live of its fields are not known"},
    AclRight{"+llen", "of a list", ""},
    AclRight{"+lrange", "of a list", ""},
    AclRight{"+scard", "of a set", ""},
    AclRight{"+sscan", "of a set", ""},
    AclRight{"+zcard", "of a sorted set", ""},
    AclRight{"+zrange", "of a sorted set", ""},
    AclRight{"+xlen", "of a stream", ""},
    AclRight{"+xrange", "of a stream", ""},
};

void add_get(CommandSyntax& syntax, Action& action) {
    const auto options = std::make_shared<GetOptions>();
    syntax.description(
        "Show keys: type and encoding, length, memory, time to live, idle time, and the value. Of "
        "a large value only the beginning is read. On a terminal a value is made readable: JSON is "
        "laid out and shortened, what an application has compressed (gzip, zlib, zstd) is "
        "unpacked, msgpack and PHP's serialized data are shown like JSON, and of Python's pickles "
        "the texts and numbers in them; nothing is ever executed, and the last line says what was "
        "done. Bytes that are not printable are shown as \\xNN. Into a pipe the value comes as it "
        "is. JSON has it too, and besides `encoding_of_value`, for example gzip+json, and what it "
        "was `decoded` to. A list or sorted set of more than 1,000 elements, or of large ones, "
        "comes in "
        "several pages: if it may have changed from one to the next, stderr says so, and JSON has "
        "`changed_while_read`: true. Exit code 1 if a key is not there.");
    add_text_option(syntax, "KEY", options->keys, "", "Keys, as they are: no patterns",
                    EmptyValue::allowed)
        .required();
    add_text_option(syntax, "--field", options->fields, "NAME",
                    "Of a hash, this field alone; may be given several times", EmptyValue::allowed)
        .group("Choosing elements");
    add_parsed_option(syntax, "--index", options->range, parse_index_range, "N|A..B",
                      "Of a list, or of a sorted set by rank, the element N or those from A to B: "
                      "0 is the first, -1 the last")
        .group("Choosing elements");
    add_parsed_option(
        syntax, "--max-value", options->max_value, parse_size, "SIZE",
        "Of a string or an element, at most so many bytes (default 4KiB, with --raw all; on a "
        "terminal 64KiB are read of what can be decoded); 0: all")
        .group("Output");
    add_parsed_option(
        syntax, "--limit", options->limit,
        [](const std::string& text) {
            return text == "all" ? k_all_elements
                                 : parse_positive_count(text, "a number of elements");
        },
        "N", "Of a collection, at most so many elements, or all (default 100)")
        .group("Output");
    syntax
        .add_flag("--raw", options->raw,
                  "Nothing but the bytes of a string or of one element, exactly as they are stored")
        .group("Output");
    add_output_options(syntax, options->output,
                       {Format::table, Format::plain, Format::json, Format::ndjson});
    syntax.footer(
        "Examples:\n"
        "  cachectl get course:42\n"
        "      what is stored there, for a person\n"
        "  cachectl get course:42 --raw > course.json\n"
        "      the exact bytes of a string\n"
        "  cachectl get user:42 --field email --field name\n"
        "      two fields of a hash\n"
        "  cachectl get queue:mail --index -5..-1\n"
        "      the last five elements of a list\n"
        "  cachectl get queue:mail --limit 10 --json\n"
        "      the first ten elements of a list, for a script\n");
    action = [options](Context& ctx) { return run_get(ctx, *options); };
}

}  // namespace

Command get_command() {
    return {"get",
            "Look",
            "Show keys and their values, bounded and readable",
            Command::Needs::server,
            add_get,
            k_get_rights};
}

}  // namespace cachectl
