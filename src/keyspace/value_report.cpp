#include "keyspace/value_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "output/escape.hpp"
#include "output/json.hpp"
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

void write_json(Writer& out, const KeyRecord& record) {
    JsonWriter json(out, JsonLayout::lines);
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

// ---- plain: NAME and VALUE, tab-separated; the value's lines last, in raw bytes

void write_plain(Writer& out, bool escaped, const KeyRecord& record) {
    const auto shown = [&](const std::string& bytes) {
        return escaped ? escape_for_terminal(bytes) : bytes;
    };
    const auto line = [&](std::initializer_list<std::string> cells) {
        const char* separator = "";
        for (const std::string& cell : cells) {
            out.write(separator + shown(cell));
            separator = "\t";
        }
        out.write("\n");
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
    if (record.type == "string") {
        line({"value", record.text});
    }
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

Cell hash_value(const ValueElement& element) {
    if (!element.unread_bytes) {
        return element.bytes;
    }
    return {"(" + format_size(*element.unread_bytes) + ", not read)", Style::yellow};
}

void write_hash_table(Writer& out, const Display& display, const KeyRecord& record) {
    const bool has_ttls = std::any_of(record.elements.begin(), record.elements.end(),
                                      [](const ValueElement& e) { return e.ttl.has_value(); });
    Table table(out, display,
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

void write_elements(Writer& out, const Display& display, const KeyRecord& record) {
    if (record.type == "hash") {
        write_hash_table(out, display, record);
    } else if (record.type == "zset") {
        Table table(out, display, {{"SCORE", ColumnKind::right}, {"MEMBER"}});
        for (const ValueElement& element : record.elements) {
            table.row({element.score, element.bytes});
        }
        table.finish();
    } else if (record.type == "stream") {
        Table table(out, display, {{"ID"}, {"FIELD"}, {"VALUE"}});
        for (const ValueElement& element : record.elements) {
            std::string id = element.name;  // once, where the entry begins
            for (const auto& [name, bytes] : element.fields) {
                table.row({id, name, bytes});
                id.clear();
            }
        }
        table.finish();
    } else {
        Table table(out, display, {{""}});
        for (const ValueElement& element : record.elements) {
            table.row({element.bytes});
        }
        table.finish();
    }
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
        write_elements(out, style.display, record);
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
    if (style.format == Format::json) {
        write_json(out, record);
    } else if (style.format == Format::plain) {
        write_plain(out, style.escaped, record);
    } else {
        write_for_person(out, style, record);
    }
}

}  // namespace cachectl
