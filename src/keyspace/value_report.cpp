#include "keyspace/value_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "output/document.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/rows.hpp"
#include "output/table.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

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
    if (element.ttl) {
        json.field("ttl_ms", element.ttl->count());
    }
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
void write_content(JsonWriter& json, const KeyRecord& record, Encode encode) {
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
    if (!is_utf8(record.text)) {
        return false;
    }
    for (const ValueElement& element : record.elements) {
        if (!is_utf8(element.name) || !is_utf8(element.bytes)) {
            return false;
        }
        for (const auto& [name, bytes] : element.fields) {
            if (!is_utf8(name) || !is_utf8(bytes)) {
                return false;
            }
        }
    }
    return true;
}

void write_json(JsonWriter& json, const KeyRecord& record) {
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
        write_content(json, record, as_text);
        if (!is_all_utf8(record)) {
            json.key("value_base64");
            write_content(json, record, base64);
        }
    } else {
        json.value(nullptr);
    }
    json.end_object();
}

// ---- the elements of a collection: a row each

/// In a table the label would say nothing, and plain lines keep to the fields that they began with.
std::vector<Field> element_fields(const KeyRecord& record, Format format) {
    const bool is_table = format == Format::table;
    Field label{"label", is_table ? "" : "LABEL"};
    if (record.type == "hash") {
        const bool has_ttls = std::any_of(record.elements.begin(), record.elements.end(),
                                          [](const ValueElement& e) { return e.ttl.has_value(); });
        return {label,
                {"field", "FIELD"},
                {"ttl", is_table && has_ttls ? "TTL" : "", Field::Kind::milliseconds, "never"},
                {"value", "VALUE", Field::Kind::text, "?"}};
    }
    if (record.type == "stream") {
        constexpr auto k_once = Field::InGroup::blank;
        return {label,
                {"id", "ID", Field::Kind::text, "", Style::plain, k_once},
                {"field", "FIELD"},
                {"value", "VALUE"}};
    }
    if (record.type == "zset") {
        return {label, {"score", "SCORE", Field::Kind::number}, {"member", "MEMBER"}};
    }
    return {label, {"element", "ELEMENT"}};
}

void write_hash(Rows& rows, const KeyRecord& record, Format format) {
    for (const ValueElement& element : record.elements) {
        if (!element.unread_bytes) {
            rows.row({"value", element.name, element.ttl, element.bytes});
            continue;
        }
        const std::string unread = "(" + format_size(*element.unread_bytes) + ", not read)";
        rows.row({"value", element.name, element.ttl,
                  format == Format::table ? FieldValue::absent(unread, Style::yellow)
                                          : std::optional<std::string_view>()});
    }
}

void write_stream(Rows& rows, const KeyRecord& record) {
    for (const ValueElement& element : record.elements) {
        auto group = Rows::Group::begins;
        for (const auto& [name, bytes] : element.fields) {
            rows.row({"value", element.name, name, bytes}, group);
            group = Rows::Group::goes_on;
        }
    }
}

void write_elements(Writer& out, const RowsStyle& style, const KeyRecord& record) {
    Rows rows(out, style, element_fields(record, style.format));
    if (record.type == "hash") {
        write_hash(rows, record, style.format);
    } else if (record.type == "stream") {
        write_stream(rows, record);
    } else {
        for (const ValueElement& element : record.elements) {
            record.type == "zset" ? rows.row({"value", element.score, element.bytes})
                                  : rows.row({"value", element.bytes});
        }
    }
    rows.finish();
}

// ---- plain: NAME and VALUE, tab-separated; the value's lines last, in raw bytes

void write_plain(Writer& out, bool escaped, const KeyRecord& record) {
    const RowsStyle style{.escaped = escaped};
    Rows facts(out, style, {{"name", "NAME"}, {"value", "VALUE", Field::Kind::text, "?"}});
    using MaybeText = std::optional<std::string_view>;
    facts.row({"key", record.key});
    facts.row({"type", record.type});
    record.ttl ? facts.row({"ttl_ms", *record.ttl}) : facts.row({"ttl_ms", "never"});
    facts.row({"encoding", record.encoding.empty() ? MaybeText() : record.encoding});
    facts.row({"size_bytes", record.size_bytes});
    facts.row({"idle_s", record.idle});
    facts.row({"length", record.length});
    facts.row({"truncated", record.truncated});
    if (record.type == "string") {
        facts.row({"value", record.text});
    }
    facts.finish();
    write_elements(out, style, record);
}

// ---- for people

void write_facts(Writer& out, const ValueStyle& style, const KeyRecord& record) {
    Table facts(out, style.display, {{""}, {""}});
    const auto row = [&](const char* name, const Cell& value) {
        facts.row({{name, Style::bold}, value});
    };
    row("key", record.key);
    row("type", record.encoding.empty() ? record.type : record.type + " (" + record.encoding + ")");
    if (record.ttl) {
        const auto now = std::chrono::floor<std::chrono::milliseconds>(style.now);
        row("ttl", format_duration(*record.ttl) + " (until " +
                       format_utc(add_clamped(now, *record.ttl)).value_or("after 9999") + ")");
    } else {
        row("ttl", {"never expires", Style::yellow});
    }
    if (record.size_bytes) {
        row("memory", format_size(*record.size_bytes));
    }
    if (record.idle) {
        row("idle", format_duration(*record.idle));
    }
    if (record.length) {
        row("length", length_text(record));
    }
    facts.finish();
}

void write_for_person(Writer& out, const ValueStyle& style, const KeyRecord& record) {
    write_facts(out, style, record);
    if (record.text.empty() && record.elements.empty()) {
        return;
    }
    out.write("\n");
    if (record.type == "string") {
        out.write(escape_for_terminal(record.text, Newlines::keep) + '\n');
    } else {
        write_elements(out, {.format = Format::table, .display = style.display, .escaped = true},
                       record);
    }
}

}  // namespace

std::string length_text(const KeyRecord& record) {
    const std::uint64_t length = *record.length;
    if (record.type == "string") {
        return format_count(length) + (length == 1 ? " byte" : " bytes");
    }
    std::string noun = record.type == "hash"     ? "field"
                       : record.type == "stream" ? "entry"
                                                 : "element";
    if (length != 1) {
        noun = noun == "entry" ? "entries" : noun + 's';
    }
    return format_count(length) + ' ' + noun;
}

void write_value(Writer& out, const ValueStyle& style, const KeyRecord& record) {
    write_document(out, style.format,
                   {.table = [&] { write_for_person(out, style, record); },
                    .lines = [&] { write_plain(out, style.escaped, record); },
                    .json = [&](JsonWriter& json) { write_json(json, record); }});
}

}  // namespace cachectl
