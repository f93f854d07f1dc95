#include "warm/manifest_columns.hpp"

#include <algorithm>

namespace cachectl {

namespace {

/// 'name_fr' or {"constant": …}: where the value of the column `name` comes from.
ColumnChoice parse_column(const std::string& name, const JsonValue& value) {
    ColumnChoice choice(name);
    if (value.type() != JsonValue::Type::object) {
        choice.from = value.as_text();
        return choice;
    }
    value.allow_only({"constant"});
    const JsonValue& constant = value.at("constant");
    switch (constant.type()) {
        case JsonValue::Type::null:
            choice.constant = {ValueKind::null, {}};
            break;
        case JsonValue::Type::boolean:
            choice.constant = {ValueKind::boolean, constant.as_bool() ? "true" : "false"};
            break;
        case JsonValue::Type::number:
            choice.constant = {ValueKind::number, constant.number_text()};
            break;
        case JsonValue::Type::string:
            choice.constant = {ValueKind::text, constant.as_string()};
            break;
        case JsonValue::Type::array:
        case JsonValue::Type::object:
            constant.fail("must be a string, a number, true, false or null");
    }
    return choice;
}

}  // namespace

std::vector<ColumnChoice> manifest_columns(const JsonValue& value) {
    std::vector<ColumnChoice> columns;
    if (value.type() == JsonValue::Type::object) {
        for (const JsonMember& member : value.as_object()) {
            columns.push_back(parse_column(member.name, member.value));
        }
        if (columns.empty()) {
            value.fail("must not be empty");
        }
        return columns;
    }
    if (value.type() != JsonValue::Type::string) {
        for (const std::string& name : value.as_texts()) {
            columns.push_back(ColumnChoice::parse(name));
        }
        if (columns.empty()) {
            value.fail("must not be empty");
        }
        return columns;
    }
    const std::string& text = value.as_text();
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end == begin) {
            value.fail("has an empty name in it");
        }
        columns.push_back(ColumnChoice::parse(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return columns;
}

}  // namespace cachectl
