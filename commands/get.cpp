// get: one key: what it is, how long it lives, what it costs, and its value, bounded.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "cli/context.hpp"
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

struct GetOptions {
    std::string key;
    FormatChoice output;
    std::optional<std::uint64_t> max_value;
    std::uint64_t limit = 100;
    bool raw = false;
};

/// What is missing from what was shown, and which option brings it.
void note_missing(Context& ctx, const KeyRecord& record) {
    if (!record.is_readable()) {
        ctx.note("the value of a " + record.type + ", a module's type, cannot be shown");
    } else if (record.type == "string") {
        if (!record.truncated) {
            return;
        }
        ctx.note(fmt::format("the first {} of {} are shown; --max-value 0 shows all",
                             format_size(record.text.size()), format_size(*record.length)));
    } else if (record.unread_element_bytes) {
        ctx.note(fmt::format("the elements take {} each and are not read; --max-value 0 reads them",
                             format_size(*record.unread_element_bytes)));
    } else if (record.elements.size() < *record.length) {
        ctx.note(fmt::format("{} of {} are shown; --limit all shows all",
                             format_count(record.elements.size()), length_text(record)));
    }
    if (record.elements_cut) {
        ctx.note("long elements are cut; --max-value 0 shows them whole");
    }
}

/// The bytes of a string go to stdout as they come if it `streams`.
std::optional<KeyRecord> read_with_progress(Context& ctx, Client& client, const std::string& key,
                                            const ValueLimits& limits, bool streams) {
    std::unique_ptr<Progress> progress;
    std::uint64_t streamed = 0;
    ValueEvents events;
    if (streams) {
        events.on_text = [&](std::string_view text) {
            ctx.out.write(text);
            streamed += text.size();
        };
    }
    events.on_page = [&](const KeyRecord& record) {
        const bool is_string = record.type == "string";
        if (!progress) {
            progress = ctx.progress("reading", is_string ? "bytes" : "elements");
        }
        const std::uint64_t limit = is_string ? limits.bytes : limits.elements;
        const std::uint64_t wanted = std::max<std::uint64_t>(
            1, limit == 0 ? *record.length : std::min(limit, *record.length));
        const std::uint64_t read =
            is_string ? streamed + record.text.size() : record.elements.size();
        progress->update(static_cast<double>(read) / static_cast<double>(wanted), read, ctx.now());
    };
    return read_key(client, key, limits, events);
}

ExitCode run_get(Context& ctx, const GetOptions& options) {
    if (options.raw && options.output.chosen) {
        throw Error(ExitCode::usage, "--raw is a format of its own; leave -o out");
    }
    ValueLimits limits;
    limits.bytes = options.max_value.value_or(options.raw ? 0 : limits.bytes);
    limits.elements = options.limit;
    const auto client = ctx.connect();
    // For a person it is escaped as a whole: a slice may end within a character.
    const bool streams = options.raw && !ctx.out_terminal.attached;
    const auto record = read_with_progress(ctx, *client, options.key, limits, streams);
    if (!record) {
        throw Error(ExitCode::no, "no such key: " + options.key);
    }
    if (options.raw && record->type != "string") {
        throw Error(ExitCode::usage, "--raw is for strings; this key holds a " + record->type,
                    "--json tells all kinds of values exactly");
    }
    if (streams) {
        // It has been written while it was read.
    } else if (options.raw) {
        ctx.out.write(escape_for_terminal(record->text, Newlines::keep) + '\n');
    } else {
        write_value(ctx.out,
                    {.format = options.output.resolve(ctx.out_terminal),
                     .display = ctx.out_display(),
                     .escaped = ctx.out_terminal.attached,
                     .now = ctx.wall_now()},
                    *record);
    }
    ctx.out.flush();
    note_missing(ctx, *record);
    return stop_signal() != 0 ? stopped_exit_code() : ExitCode::ok;
}

constexpr std::array k_get_rights = {
    AclRight{"+type", "", ""},
    AclRight{"+pttl", "", ""},
    AclRight{"+object|encoding", "", "the encoding is unknown"},
    AclRight{"+memory|usage", "", "the size is unknown"},
    AclRight{"+object|idletime", "", "the idle time is unknown"},
    AclRight{"+strlen", "of a string", ""},
    AclRight{"+getrange", "of a string", ""},
    AclRight{"+watch", "of a string of more than a slice (16 to 256 KiB)",
             "that it was rewritten meanwhile is noticed by its length alone"},
    AclRight{"+multi", "like `+watch`", "the same"},
    AclRight{"+exec", "like `+watch`", "the same"},
    AclRight{"+hlen", "of a hash", ""},
    AclRight{"+hscan", "of a hash", ""},
    AclRight{"+hrandfield", "of a large hash, on Redis before 7.4",
             "values come together with their fields, however long they are"},
    AclRight{"+hstrlen", "of a large hash", ""},
    AclRight{"+hmget", "of a large hash", ""},
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
        "Show one key: its type and encoding, time to live, memory, idle time, length and value. "
        "Of a large value only the beginning is read. On a terminal, bytes that are not printable "
        "are shown as \\xNN. Exit code 1 if there is no such key.");
    add_text_option(syntax, "KEY", options->key, "", "The key, as it is: no pattern",
                    EmptyValue::allowed)
        .required();
    add_parsed_option(
        syntax, "--max-value", options->max_value, parse_size, "SIZE",
        "Of a string or an element, at most so many bytes (default 4KiB, with --raw all); "
        "0: all")
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
                  "Nothing but the bytes of a string, exactly as they are stored")
        .group("Output");
    add_output_options(syntax, options->output, {Format::table, Format::plain, Format::json});
    syntax.footer(
        "Examples:\n"
        "  cachectl get course:42\n"
        "      what is stored there, for a person\n"
        "  cachectl get course:42 --raw > course.json\n"
        "      the exact bytes of a string\n"
        "  cachectl get queue:mail --limit 10 --json\n"
        "      the first ten elements of a list, for a script\n");
    action = [options](Context& ctx) { return run_get(ctx, *options); };
}

}  // namespace

Command get_command() {
    return {"get",   "Look",      "Show one key and its value, bounded", Command::Needs::server,
            add_get, k_get_rights};
}

}  // namespace cachectl
