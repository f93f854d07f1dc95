// The part of util/json_file.hpp that reads values of the tree: of the right type, or an error.
#include <fmt/format.h>

#include <algorithm>

#include "util/json_file.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string_view type_name(JsonValue::Type type) {
    switch (type) {
        case JsonValue::Type::null:
            return "null";
        case JsonValue::Type::boolean:
            return "true or false";
        case JsonValue::Type::number:
            return "a number";
        case JsonValue::Type::string:
            return "a string";
        case JsonValue::Type::array:
            return "an array";
        case JsonValue::Type::object:
            return "an object";
    }
    return "a value";
}

void require(const JsonValue& value, JsonValue::Type type) {
    if (value.type() != type) {
        value.fail(fmt::format("must be {}, not {}", type_name(type), type_name(value.type())));
    }
}

}  // namespace

bool JsonValue::as_bool() const {
    require(*this, Type::boolean);
    return m_bool;
}

const std::string& JsonValue::number_text() const {
    require(*this, Type::number);
    return m_text;
}

const std::string& JsonValue::as_string() const {
    require(*this, Type::string);
    return m_text;
}

const std::string& JsonValue::as_text() const {
    if (as_string().empty()) {
        fail("must not be empty");
    }
    return m_text;
}

const std::vector<JsonValue>& JsonValue::as_array() const {
    require(*this, Type::array);
    return m_elements;
}

const std::vector<JsonMember>& JsonValue::as_object() const {
    require(*this, Type::object);
    return m_members;
}

std::vector<std::string> JsonValue::as_texts() const {
    std::vector<std::string> texts;
    for (const JsonValue& element : as_array()) {
        texts.push_back(element.as_text());
    }
    return texts;
}

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto& members = as_object();
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const JsonMember& member) { return member.name == name; });
    return found == members.end() ? nullptr : &found->value;
}

const JsonValue& JsonValue::at(std::string_view name) const {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        fail(fmt::format("has no '{}'", name));
    }
    return *value;
}

void JsonValue::allow_only(std::initializer_list<std::string_view> names) const {
    for (const JsonMember& member : as_object()) {
        if (std::find(names.begin(), names.end(), member.name) != names.end()) {
            continue;
        }
        const auto nearest = std::min_element(names.begin(), names.end(), [&](auto a, auto b) {
            return edit_distance(a, member.name) < edit_distance(b, member.name);
        });
        const bool is_near = edit_distance(*nearest, member.name) <= 2;
        member.value.fail("is not a known field",
                          is_near ? fmt::format("did you mean '{}'?", *nearest)
                                  : fmt::format("known are: {}", fmt::join(names, ", ")));
    }
}

}  // namespace cachectl
