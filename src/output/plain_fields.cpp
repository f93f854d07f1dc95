#include "output/plain_fields.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "output/escape.hpp"

namespace cachectl {

namespace {

using Json = nlohmann::ordered_json;

void write_fields(Writer& out, const std::string& name, const Json& value) {
    if (value.is_structured()) {
        for (const auto& item : value.items()) {
            write_fields(out, name.empty() ? item.key() : name + '.' + item.key(), item.value());
        }
        return;
    }
    std::string text = "-";
    if (value.is_string()) {
        text = value.get<std::string>();
    } else if (!value.is_null()) {
        text = value.dump();
    }
    out.write(escape_for_terminal(name) + '\t' + escape_for_terminal(text) + '\n');
}

}  // namespace

void write_plain_fields(Writer& out, const std::function<void(JsonWriter&)>& json) {
    std::string text;
    {
        Writer to_text(text);
        JsonWriter writer(to_text, JsonLayout::compact);
        json(writer);
    }
    write_fields(out, {}, Json::parse(text));
}

}  // namespace cachectl
