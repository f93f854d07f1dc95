#include "dump/json_path.hpp"

#include <charconv>

#include "dump/json_members.hpp"
#include "dump/json_text.hpp"

namespace cachectl {

namespace {

Value value_of(std::string_view json, std::string& scratch) {
    switch (json.front()) {
        case '{':
        case '[':
            return {ValueKind::json, json};
        case '"':
            return {ValueKind::text, json_string(json, scratch)};
        case 't':
        case 'f':
            return {ValueKind::boolean, json};
        case 'n':
            return {ValueKind::null, {}};
        default:
            return {ValueKind::number, json};
    }
}

/// What is left of `path` behind `name` and a dot; nothing if it goes another way.
std::optional<std::string_view> behind(std::string_view path, std::string_view name) {
    if (path.size() <= name.size() || !path.starts_with(name) || path[name.size()] != '.') {
        return std::nullopt;
    }
    return path.substr(name.size() + 1);
}

/// `json` is an object or an array of a record that has been parsed.
std::optional<Value> find_within(std::string_view json, std::string_view path,
                                 std::string& scratch) {
    const bool array = json.front() == '[';
    JsonMembers members(json);
    for (std::size_t index = 0; members.next(); ++index) {
        char digits[24];
        std::string_view name;
        if (array) {
            const auto end = std::to_chars(std::begin(digits), std::end(digits), index).ptr;
            name = {digits, static_cast<std::size_t>(end - digits)};
        } else {
            name = json_string(members.name(), scratch);
        }
        if (name == path) {
            return value_of(members.value(), scratch);
        }
        const auto rest = behind(path, name);
        const bool nested = members.value().front() == '{' || members.value().front() == '[';
        if (!rest || !nested) {
            continue;
        }
        if (auto found = find_within(members.value(), *rest, scratch)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Value> find_value(const Record& record, std::string_view path, std::string& scratch) {
    if (const Value* value = record.find(path)) {
        return *value;
    }
    if (path.find('.') == std::string_view::npos) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < record.size(); ++i) {
        const auto rest = behind(path, record.name(i));
        if (!rest || record.value(i).kind != ValueKind::json) {
            continue;
        }
        if (auto found = find_within(record.value(i).text, *rest, scratch)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace cachectl
