#include "output/plain_fields.hpp"

#include <string>

#include "output/escape.hpp"
#include "util/json_file.hpp"

namespace cachectl {

namespace {

std::string text_of(const JsonValue& value) {
    switch (value.type()) {
        case JsonValue::Type::string:
            return value.as_string();
        case JsonValue::Type::number:
            return value.number_text();
        case JsonValue::Type::boolean:
            return value.as_bool() ? "true" : "false";
        default:
            return "-";
    }
}

void write_fields(Writer& out, const std::string& name, const JsonValue& value) {
    const std::string beginning = name.empty() ? name : name + '.';
    if (value.type() == JsonValue::Type::object) {
        for (const JsonMember& member : value.as_object()) {
            write_fields(out, beginning + member.name, member.value);
        }
    } else if (value.type() == JsonValue::Type::array) {
        for (std::size_t i = 0; i < value.as_array().size(); ++i) {
            write_fields(out, beginning + std::to_string(i), value.as_array()[i]);
        }
    } else {
        out.write(escape_for_terminal(name) + '\t' + escape_for_terminal(text_of(value)) + '\n');
    }
}

}  // namespace

void write_plain_fields(Writer& out, const std::function<void(JsonWriter&)>& json) {
    std::string text;
    {
        Writer to_text(text);
        JsonWriter writer(to_text, JsonLayout::compact);
        json(writer);
    }
    write_fields(out, {}, parse_json(text, "the fields", Names::repeated));
}

}  // namespace cachectl
