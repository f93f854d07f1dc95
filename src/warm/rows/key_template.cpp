#include "warm/rows/key_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "dump/json_path.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "warm/rows/letter_case.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_width = 99;

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
            take_format(part);
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
    result.m_parts.emplace_back().column = std::move(column);
    return result;
}

std::vector<std::string> KeyTemplate::columns(const HasColumn& has) const {
    std::vector<std::string> names;
    for (const Part& part : m_parts) {
        if (part.column.empty()) {
            continue;
        }
        const bool whole = part.format == Format::none || (has && has(part.column));
        names.push_back(whole ? part.column : part.plain);
    }
    return names;
}

/// An unknown format is a part of the column's name.
void KeyTemplate::take_format(Part& part) {
    const auto colon = part.column.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return;
    }
    const std::string_view format = std::string_view(part.column).substr(colon + 1);
    if (format == "lower" || format == "upper") {
        part.format = format == "lower" ? Format::lower : Format::upper;
    } else {
        const char* const end = format.data() + format.size();
        const auto parsed = std::from_chars(format.data(), end, part.width);
        const bool is_width = format.starts_with('0') && parsed.ec == std::errc() &&
                              parsed.ptr == end && part.width > 0 && part.width <= k_most_width;
        if (!is_width) {
            return;
        }
        part.format = Format::padded;
    }
    part.plain = part.column.substr(0, colon);
}

RowResult<> KeyTemplate::render(const Record& record, std::string& out) const {
    out.clear();
    for (const Part& part : m_parts) {
        out += part.literal;
        if (part.column.empty()) {
            continue;
        }
        if (auto rendered = render(part, record, out); !rendered) {
            return rendered;
        }
    }
    return {};
}

RowResult<> KeyTemplate::render(const Part& part, const Record& record, std::string& out) const {
    const std::string* column = &part.column;
    const Value* value = record.find(*column);
    std::optional<Value> nested;
    std::string scratch;
    if (value == nullptr) {
        nested = find_value(record, *column, scratch);
    }
    const bool formats = value == nullptr && !nested && part.format != Format::none;
    if (formats) {
        column = &part.plain;
        value = record.find(*column);
        nested = value == nullptr ? find_value(record, *column, scratch) : std::nullopt;
    }
    if (value == nullptr && !nested) {
        return BadRow{not_in_row(record, *column)};
    }
    value = value == nullptr ? &*nested : value;
    const char* fault = value->kind == ValueKind::null ? "is null" : nullptr;
    if (m_use == Use::key && fault == nullptr) {
        fault = value->kind == ValueKind::json ? "is an object or an array"
                : value->text.empty()          ? "is empty"
                                               : nullptr;
    }
    if (fault != nullptr) {
        return BadRow{fmt::format("column '{}' {}", *column, fault)};
    }
    if (formats) {
        return append(part, value->text, out);
    }
    out += value->text;
    return {};
}

/// As printf's %05d has it: the sign stands before the zeros, and what is longer stays as it is.
RowResult<> KeyTemplate::append(const Part& part, std::string_view text, std::string& out) {
    if (part.format != Format::padded) {
        append_in_case(text, part.format == Format::lower ? LetterCase::lower : LetterCase::upper,
                       out);
        return {};
    }
    std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return BadRow{fmt::format("column '{}' is '{}', which is no integer to fill with zeros",
                                  part.plain, text)};
    }
    const bool is_zero = digits.find_first_not_of('0') == std::string_view::npos;
    const std::string_view sign = is_zero ? "" : text.substr(0, text.size() - digits.size());
    out += sign;
    out.append(part.width - std::min(part.width, sign.size() + digits.size()), '0');
    out += digits;
    return {};
}

std::string not_in_row(const Record& record, std::string_view column) {
    const auto colon = column.rfind(':');
    const bool is_formatted = colon != std::string_view::npos && colon != 0;
    std::string scratch;
    const std::string plain(column.substr(0, is_formatted ? colon : 0));
    if (is_formatted && (record.find(plain) != nullptr || find_value(record, plain, scratch))) {
        return fmt::format(
            "'{{{}}}': '{}' is no format of the column '{}'; there are 05 (or another width), "
            "lower and upper",
            column, column.substr(colon + 1), plain);
    }
    return missing_column(record, column);
}

std::string missing_column(const Record& record, std::string_view column) {
    constexpr std::size_t k_shown = 8;
    constexpr std::size_t k_longest_name = 64;  // for which the edit distance is computed
    struct Name {
        std::string_view text;
        std::size_t distance;
    };
    std::vector<Name> names;
    for (std::size_t i = 0; i < record.size(); ++i) {
        const std::string_view name = record.name(i);
        const bool is_long = std::max(name.size(), column.size()) > k_longest_name;
        names.push_back({name, is_long ? k_longest_name : edit_distance(column, name)});
    }
    const auto is_nearer = [](const Name& a, const Name& b) { return a.distance < b.distance; };
    std::string text = fmt::format("no column '{}'", column);
    const auto nearest = std::min_element(names.begin(), names.end(), is_nearer);
    constexpr std::size_t k_slip = 2;
    if (nearest != names.end() && nearest->distance <= k_slip &&
        nearest->distance < std::min(column.size(), nearest->text.size())) {
        text += fmt::format(" (did you mean '{}'?)", nearest->text);
    }
    if (names.size() > k_shown) {
        std::stable_sort(names.begin(), names.end(), is_nearer);
    }
    for (std::size_t i = 0; i < names.size() && i < k_shown; ++i) {
        text += i == 0 ? "; there are " : ", ";
        text += names[i].text;
    }
    if (record.size() > k_shown) {
        text += fmt::format(" and {} more", record.size() - k_shown);
    }
    return text;
}

}  // namespace cachectl
