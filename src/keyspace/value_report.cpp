#include "keyspace/value_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "keyspace/value_elements.hpp"
#include "keyspace/value_view.hpp"
#include "output/aligned.hpp"
#include "output/document.hpp"
#include "output/json.hpp"
#include "output/rows.hpp"
#include "util/text.hpp"
#include "values/reading.hpp"

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

/// What the bytes are underneath: "encoding_of_value", and what they were decoded to.
void write_reading(JsonWriter& json, std::string_view bytes, Extent extent) {
    const ValueReading reading = read_value(bytes, extent, NodeBounds::for_programs());
    json.field("encoding_of_value", reading.ids());
    if (reading.form == ValueReading::Form::found) {
        json.key("found_in_value");
        write_node(json, reading.tree);
    } else if (reading.has_tree()) {
        json.key("decoded");
        write_node(json, reading.tree);
    } else if (reading.is_unpacked()) {
        json.bytes_field("decoded", reading.text);
    }
    if (reading.has_tree() || reading.is_unpacked()) {
        json.field("decoded_truncated",
                   reading.cut || (reading.has_tree() && is_shortened(reading.tree)));
    }
}

/// Of a hash's value only where it is anything but a text.
void write_field_reading(JsonWriter& json, const std::string& bytes, Extent extent) {
    constexpr NodeBounds k_glance = {.nodes = 1, .depth = 1, .text_bytes = 1};
    const ValueReading reading = read_value(bytes, extent, k_glance);
    if (reading.has_tree() || reading.is_unpacked()) {
        write_reading(json, bytes, extent);
    }
}

void write_hash_field(JsonWriter& json, const KeyRecord& record, const ValueElement& element,
                      Encode encode) {
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
        if (encode == as_text) {
            write_field_reading(json, element.bytes,
                                record.elements_cut ? Extent::beginning : Extent::whole);
        }
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
            write_hash_field(json, record, element, encode);
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

void write_json(JsonWriter& json, const ValueStyle& style, const KeyRecord& record) {
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
    if (record.changed) {
        json.field("changed_while_read", true);
    }
    if (style.positions && record.type != "hash") {
        json.field("first_index", record.first_index);
    }
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
    if (record.type == "string") {
        write_reading(json, record.text, record.truncated ? Extent::beginning : Extent::whole);
    }
    json.end_object();
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

}  // namespace

void write_values(Writer& out, const ValueStyle& style, const NextRecord& next,
                  const AfterRecord& after) {
    std::uint64_t written = 0;
    const auto each =
        [&](const std::function<std::optional<std::uint64_t>(const KeyRecord&)>& write) {
            while (const auto record = next()) {
                if (written++ != 0 && !is_json(style.format)) {
                    out.write("\n");
                }
                after(*record, write(*record));
            }
        };
    const auto as_is = [&](const std::function<void(const KeyRecord&)>& write) {
        each([&](const KeyRecord& record) {
            write(record);
            return std::optional<std::uint64_t>(record.text.size());
        });
    };
    const auto json = [&](JsonWriter& writer) {
        const bool array = style.many && style.format == Format::json;
        if (array) {
            writer.begin_array();
        }
        as_is([&](const KeyRecord& record) { write_json(writer, style, record); });
        if (array) {
            writer.end_array();
        }
    };
    const auto view = [&](const KeyRecord& record) {
        std::optional<std::uint64_t> shown;
        write_aligned(out, [&](Writer& to) {
            shown = write_value_view(to, {.display = style.display, .text_bytes = style.text_bytes},
                                     record);
        });
        return shown;
    };
    write_document(
        out, style.format,
        {.table = [&] { each(view); },
         .lines = [&] { as_is([&](const KeyRecord& r) { write_plain(out, style.escaped, r); }); },
         .json = json});
}

}  // namespace cachectl
