// get: one key: what it is, how long it lives, what it costs, and its value, bounded.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/option_groups.hpp"
#include "commands/commands.hpp"
#include "keyspace/value.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

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

// ---- JSON

using Encode = std::string (*)(std::string_view bytes);

std::string as_text(std::string_view bytes) { return std::string(bytes); }

void write_score(JsonWriter& json, const std::string& score) {
    char* end = nullptr;
    const double number = std::strtod(score.c_str(), &end);
    json.key("score");
    // JSON has no infinities.
    std::isfinite(number) && *end == '\0' ? json.value(number) : json.value(score);
}

void write_hash_field(JsonWriter& json, const ValueElement& element, Encode encode) {
    json.begin_object();
    json.field("field", encode(element.name));
    if (element.ttl) json.field("ttl_ms", element.ttl->count());
    if (element.unread_bytes) {
        json.field("value", nullptr);
        json.field("unread_bytes", *element.unread_bytes);
    } else {
        json.field("value", encode(element.bytes));
    }
    json.end_object();
}

// Names can come twice in a stream's entry, and those of a hash that are not UTF-8 can become the
// same text: so both are arrays of objects, whose names are ours.
void write_value(JsonWriter& json, const KeyRecord& record, Encode encode) {
    if (record.type == "string") {
        json.value(encode(record.text));
        return;
    }
    json.begin_array();
    for (const ValueElement& element : record.elements) {
        if (record.type == "hash") {
            write_hash_field(json, element, encode);
        } else if (record.type == "zset") {
            json.begin_object();
            json.field("member", encode(element.bytes));
            write_score(json, element.score);
            json.end_object();
        } else if (record.type == "stream") {
            json.begin_object();
            json.field("id", element.name);
            json.key("fields");
            json.begin_array();
            for (const auto& [name, bytes] : element.fields) {
                json.begin_object();
                json.field("field", encode(name));
                json.field("value", encode(bytes));
                json.end_object();
            }
            json.end_array();
            json.end_object();
        } else {
            json.value(encode(element.bytes));
        }
    }
    json.end_array();
}

bool is_all_utf8(const KeyRecord& record) {
    if (!is_utf8(record.text)) return false;
    for (const ValueElement& element : record.elements) {
        if (!is_utf8(element.name) || !is_utf8(element.bytes)) return false;
        for (const auto& [name, bytes] : element.fields) {
            if (!is_utf8(name) || !is_utf8(bytes)) return false;
        }
    }
    return true;
}

void write_json(Context& ctx, const KeyRecord& record) {
    JsonWriter json(ctx.out, JsonLayout::lines);
    json.begin_object();
    json.bytes_field("key", record.key);
    json.field("type", record.type);
    json.field("ttl_ms", record.ttl ? std::optional(record.ttl->count()) : std::nullopt);
    json.key("encoding");
    record.encoding.empty() ? json.value(nullptr) : json.value(record.encoding);
    json.field("size_bytes", record.size_bytes);
    json.field("idle_s", record.idle ? std::optional(record.idle->count()) : std::nullopt);
    json.field("length", record.length);
    json.field("truncated", record.truncated);
    json.key("value");
    if (record.is_readable()) {
        write_value(json, record, as_text);
        if (!is_all_utf8(record)) {
            json.key("value_base64");
            write_value(json, record, base64);
        }
    } else {
        json.value(nullptr);
    }
    json.end_object();
}

// ---- plain: NAME and VALUE, tab-separated; the value's lines last, in raw bytes

void write_plain(Context& ctx, const KeyRecord& record) {
    const auto shown = [&](const std::string& bytes) {
        return ctx.out_terminal.attached ? escape_for_terminal(bytes) : bytes;
    };
    const auto line = [&](std::initializer_list<std::string> cells) {
        const char* separator = "";
        for (const std::string& cell : cells) {
            ctx.out.write(separator + shown(cell));
            separator = "\t";
        }
        ctx.out.write("\n");
    };
    const auto number = [](const auto& n) { return n ? fmt::to_string(*n) : "?"; };
    line({"key", record.key});
    line({"type", record.type});
    line({"ttl_ms", record.ttl ? fmt::to_string(record.ttl->count()) : "never"});
    line({"encoding", record.encoding.empty() ? "?" : record.encoding});
    line({"size_bytes", number(record.size_bytes)});
    line({"idle_s", record.idle ? fmt::to_string(record.idle->count()) : "?"});
    line({"length", number(record.length)});
    line({"truncated", record.truncated ? "true" : "false"});
    if (record.type == "string") line({"value", record.text});
    for (const ValueElement& element : record.elements) {
        if (record.type == "hash") {
            line({"value", element.name, element.unread_bytes ? "?" : element.bytes});
        } else if (record.type == "zset") {
            line({"value", element.score, element.bytes});
        } else if (record.type == "stream") {
            for (const auto& [name, bytes] : element.fields) {
                line({"value", element.name, name, bytes});
            }
        } else {
            line({"value", element.bytes});
        }
    }
}

// ---- for people

std::string length_text(const KeyRecord& record) {
    const std::uint64_t length = *record.length;
    if (record.type == "string") {
        return format_count(length) + (length == 1 ? " byte" : " bytes");
    }
    std::string noun = record.type == "hash"     ? "field"
                       : record.type == "stream" ? "entry"
                                                 : "element";
    if (length != 1) noun = noun == "entry" ? "entries" : noun + 's';
    return format_count(length) + ' ' + noun;
}

void write_facts(Context& ctx, const KeyRecord& record) {
    Table facts(ctx.out, ctx.out_look(), {{""}, {""}});
    const auto row = [&](const char* name, const Cell& value) {
        facts.row({{name, Style::bold}, value});
    };
    row("key", record.key);
    row("type", record.encoding.empty() ? record.type : record.type + " (" + record.encoding + ")");
    if (record.ttl) {
        const auto now = std::chrono::floor<std::chrono::milliseconds>(ctx.wall_now());
        row("ttl", format_duration(*record.ttl) + " (until " +
                       format_utc(add_clamped(now, *record.ttl)).value_or("after 9999") + ")");
    } else {
        row("ttl", {"never expires", Style::yellow});
    }
    if (record.size_bytes) row("memory", format_size(*record.size_bytes));
    if (record.idle) row("idle", format_duration(*record.idle));
    if (record.length) row("length", length_text(record));
    facts.finish();
}

Cell hash_value(const ValueElement& element) {
    if (!element.unread_bytes) return element.bytes;
    return {"(" + format_size(*element.unread_bytes) + ", not read)", Style::yellow};
}

void write_hash_table(Context& ctx, const KeyRecord& record) {
    const bool has_ttls = std::any_of(record.elements.begin(), record.elements.end(),
                                      [](const ValueElement& e) { return e.ttl.has_value(); });
    Table table(ctx.out, ctx.out_look(),
                has_ttls ? std::vector<Column>{{"FIELD"}, {"TTL", ColumnKind::right}, {"VALUE"}}
                         : std::vector<Column>{{"FIELD"}, {"VALUE"}});
    for (const ValueElement& element : record.elements) {
        if (has_ttls) {
            table.row({element.name, element.ttl ? format_duration(*element.ttl) : "never",
                       hash_value(element)});
        } else {
            table.row({element.name, hash_value(element)});
        }
    }
    table.finish();
}

void write_elements(Context& ctx, const KeyRecord& record) {
    if (record.type == "hash") {
        write_hash_table(ctx, record);
    } else if (record.type == "zset") {
        Table table(ctx.out, ctx.out_look(), {{"SCORE", ColumnKind::right}, {"MEMBER"}});
        for (const ValueElement& element : record.elements) {
            table.row({element.score, element.bytes});
        }
        table.finish();
    } else if (record.type == "stream") {
        Table table(ctx.out, ctx.out_look(), {{"ID"}, {"FIELD"}, {"VALUE"}});
        for (const ValueElement& element : record.elements) {
            std::string id = element.name;  // once, where the entry begins
            for (const auto& [name, bytes] : element.fields) {
                table.row({id, name, bytes});
                id.clear();
            }
        }
        table.finish();
    } else {
        Table table(ctx.out, ctx.out_look(), {{""}});
        for (const ValueElement& element : record.elements) table.row({element.bytes});
        table.finish();
    }
}

void write_for_person(Context& ctx, const KeyRecord& record) {
    write_facts(ctx, record);
    if (record.text.empty() && record.elements.empty()) return;
    ctx.out.write("\n");
    if (record.type == "string") {
        ctx.out.write(escape_for_terminal(record.text, Newlines::keep) + '\n');
    } else {
        write_elements(ctx, record);
    }
}

// ---- the command

/// What is missing from what was shown, and which option brings it.
void note_missing(Context& ctx, const KeyRecord& record) {
    if (!record.is_readable()) {
        ctx.note("the value of a " + record.type + ", a module's type, cannot be shown");
    } else if (record.type == "string") {
        if (!record.truncated) return;
        ctx.note(fmt::format("the first {} of {} are shown; --max-value 0 shows all",
                             format_size(record.text.size()), format_size(*record.length)));
    } else if (record.unread_element_bytes) {
        ctx.note(fmt::format("the elements take {} each and are not read; --max-value 0 reads them",
                             format_size(*record.unread_element_bytes)));
    } else if (record.elements.size() < *record.length) {
        ctx.note(fmt::format("{} of {} are shown; --limit all shows all",
                             format_count(record.elements.size()), length_text(record)));
    }
    if (record.elements_cut) ctx.note("long elements are cut; --max-value 0 shows them whole");
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
        if (!progress) progress = ctx.progress("reading", is_string ? "bytes" : "elements");
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
    if (!record) throw Error(ExitCode::no, "no such key: " + options.key);
    if (options.raw && record->type != "string") {
        throw Error(ExitCode::usage, "--raw is for strings; this key holds a " + record->type,
                    "--json tells all kinds of values exactly");
    }
    const Format format = options.output.resolve(ctx.out_terminal);
    if (streams) {
        // It has been written while it was read.
    } else if (options.raw) {
        ctx.out.write(escape_for_terminal(record->text, Newlines::keep) + '\n');
    } else if (format == Format::json) {
        write_json(ctx, *record);
    } else if (format == Format::plain) {
        write_plain(ctx, *record);
    } else {
        write_for_person(ctx, *record);
    }
    ctx.out.flush();
    note_missing(ctx, *record);
    return stop_signal() != 0 ? stopped_exit_code() : ExitCode::ok;
}

}  // namespace

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

}  // namespace cachectl
