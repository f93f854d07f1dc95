#include "dump/key_template.hpp"

#include <fmt/format.h>

#include <optional>

#include "dump/json_path.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

[[noreturn]] void refuse(std::string_view text, std::size_t at, std::string_view what) {
    throw Error(ExitCode::usage,
                fmt::format("bad template '{}': {} at character {}", text, what, at + 1),
                "a column's name stands in braces, as in 'course:{id}'; a brace itself is "
                "doubled: {{ or }}");
}

}  // namespace

KeyTemplate KeyTemplate::parse(std::string_view text, Use use) {
    if (text.empty()) {
        throw Error(ExitCode::usage, "bad template '': it is empty");
    }
    KeyTemplate result(use);
    Part part;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '{' && c != '}') {
            part.literal += c;
        } else if (at + 1 < text.size() && text[at + 1] == c) {
            part.literal += c;
            ++at;
        } else if (c == '}') {
            refuse(text, at, "a '}' without its '{'");
        } else {
            const std::size_t end = text.find_first_of("{}", at + 1);
            if (end == std::string_view::npos || text[end] == '{') {
                refuse(text, at, "a '{' without its '}'");
            }
            if (end == at + 1) {
                refuse(text, at, "a {} without a column's name");
            }
            part.column = text.substr(at + 1, end - at - 1);
            result.m_parts.push_back(std::move(part));
            part = {};
            at = end;
        }
    }
    if (!part.literal.empty()) {
        result.m_parts.push_back(std::move(part));
    }
    return result;
}

KeyTemplate KeyTemplate::of_column(std::string column, Use use) {
    KeyTemplate result(use);
    result.m_parts.push_back({{}, std::move(column)});
    return result;
}

std::vector<std::string> KeyTemplate::columns() const {
    std::vector<std::string> names;
    for (const Part& part : m_parts) {
        if (!part.column.empty()) {
            names.push_back(part.column);
        }
    }
    return names;
}

bool KeyTemplate::render(const Record& record, std::string& out, std::string& why) const {
    out.clear();
    for (const Part& part : m_parts) {
        out += part.literal;
        if (part.column.empty()) {
            continue;
        }
        const Value* value = record.find(part.column);
        std::optional<Value> nested;
        std::string scratch;
        if (value == nullptr) {
            nested = find_value(record, part.column, scratch);
            if (!nested) {
                why = missing_column(record, part.column);
                return false;
            }
            value = &*nested;
        }
        const char* fault = value->kind == ValueKind::null ? "is null" : nullptr;
        if (m_use == Use::key && fault == nullptr) {
            fault = value->kind == ValueKind::json ? "is an object or an array"
                    : value->text.empty()          ? "is empty"
                                                   : nullptr;
        }
        if (fault != nullptr) {
            why = fmt::format("column '{}' {}", part.column, fault);
            return false;
        }
        out += value->text;
    }
    return true;
}

std::string missing_column(const Record& record, std::string_view column) {
    constexpr std::size_t k_shown = 8;
    std::string text = fmt::format("no column '{}'", column);
    for (std::size_t i = 0; i < record.size() && i < k_shown; ++i) {
        text += i == 0 ? "; there are " : ", ";
        text += record.name(i);
    }
    if (record.size() > k_shown) {
        text += fmt::format(" and {} more", record.size() - k_shown);
    }
    return text;
}

}  // namespace cachectl
