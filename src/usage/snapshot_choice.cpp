#include "usage/snapshot_choice.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/escape.hpp"
#include "output/writer.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Time = std::optional<milliseconds>;

// Names are bytes: escaped, they are text that is read back to the same bytes.

void write_name(JsonWriter& json, std::string_view field, const std::string& name) {
    if (!name.empty()) {
        json.field(field, std::string_view(escape_for_terminal(name)));
    }
}

void write_list(JsonWriter& json, std::string_view field, const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    json.key(field);
    json.begin_array();
    for (const std::string& name : names) {
        json.value(std::string_view(escape_for_terminal(name)));
    }
    json.end_array();
}

void write_time(JsonWriter& json, std::string_view field, const Time& time) {
    if (time) {
        json.field(field, time->count());
    }
}

std::string name_in(const JsonValue& object, std::string_view field) {
    const JsonValue* value = object.find(field);
    return value == nullptr ? std::string() : unescape(value->as_text());
}

std::vector<std::string> list_in(const JsonValue& object, std::string_view field) {
    std::vector<std::string> names;
    if (const JsonValue* value = object.find(field)) {
        for (const JsonValue& name : value->as_array()) {
            names.push_back(unescape(name.as_string()));
        }
    }
    return names;
}

Time time_in(const JsonValue& object, std::string_view field) {
    const JsonValue* value = object.find(field);
    return value == nullptr ? std::nullopt : Time(value->as_count());
}

std::string text_of(const KeyOptions& chosen) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    write_choice(json, chosen);
    out.flush();
    return text;
}

}  // namespace

void write_choice(JsonWriter& json, const KeyOptions& chosen) {
    const KeyFilter& filter = chosen.filter;
    json.begin_object();
    write_list(json, "exclude", filter.excludes);
    write_name(json, "type", filter.type);
    if (filter.only_persistent) {
        json.field("no_ttl", true);
    }
    write_time(json, "ttl_below_ms", filter.ttl_below);
    write_time(json, "ttl_above_ms", filter.ttl_above);
    write_time(json, "idle_over_ms", filter.idle_over);
    if (filter.size_over) {
        json.field("size_over_bytes", *filter.size_over);
    }
    write_list(json, "members_of", chosen.members_of);
    write_name(json, "keys_from", chosen.keys_from);
    json.end_object();
}

KeyOptions read_choice(const JsonValue& object) {
    // Without one that is not known here, the keys would be others.
    object.allow_only({"exclude", "type", "no_ttl", "ttl_below_ms", "ttl_above_ms", "idle_over_ms",
                       "size_over_bytes", "members_of", "keys_from"});
    KeyOptions chosen;
    KeyFilter& filter = chosen.filter;
    filter.excludes = list_in(object, "exclude");
    filter.type = name_in(object, "type");
    if (const JsonValue* no_ttl = object.find("no_ttl")) {
        filter.only_persistent = no_ttl->as_bool();
    }
    filter.ttl_below = time_in(object, "ttl_below_ms");
    filter.ttl_above = time_in(object, "ttl_above_ms");
    filter.idle_over = time_in(object, "idle_over_ms");
    if (const JsonValue* size = object.find("size_over_bytes")) {
        filter.size_over = static_cast<std::uint64_t>(size->as_count());
    }
    chosen.members_of = list_in(object, "members_of");
    chosen.keys_from = name_in(object, "keys_from");
    return chosen;
}

bool same_choice(const KeyOptions& a, const KeyOptions& b) { return text_of(a) == text_of(b); }

}  // namespace cachectl
