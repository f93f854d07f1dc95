#include "warm/rows/template_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "keyspace/glob.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

/// A brace in a template is written twice.
std::string doubled_braces(std::string_view value) {
    std::string text;
    for (const char c : value) {
        text.append(c == '{' || c == '}' ? 2 : 1, c);
    }
    return text;
}

}  // namespace

void TemplateValues::add(std::string_view text) {
    const auto equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
        throw Error(ExitCode::usage, fmt::format("'{}' is not NAME=VALUE", text),
                    "a name has letters, digits, '_' and '-'");
    }
    if (equals + 1 == text.size()) {
        throw Error(ExitCode::usage, fmt::format("the value of '{}' is empty", name),
                    "is a variable of the shell not set?");
    }
    if (find(name) != nullptr) {
        throw Error(ExitCode::usage, fmt::format("'{}' is set twice", name));
    }
    m_values.push_back({std::string(name), std::string(text.substr(equals + 1))});
}

void TemplateValues::add_default(const std::string& name, const std::string& value,
                                 const std::string& place) {
    if (find(name) != nullptr) {
        return;
    }
    add(name + '=' + value);
    m_values.back().place = place;
}

TemplateValues::Value* TemplateValues::find(std::string_view name) {
    const auto found = std::find_if(m_values.begin(), m_values.end(),
                                    [name](const Value& value) { return value.name == name; });
    return found == m_values.end() ? nullptr : &*found;
}

// Braces may well stand for themselves: a cluster's hash tags do.
void TemplateValues::check_no_slip(std::string_view name) const {
    constexpr std::size_t k_shortest = 4;  // shorter ones are all near each other
    for (const Value& value : m_values) {
        if (value.name.size() < k_shortest || edit_distance(name, value.name) > 2) {
            continue;
        }
        throw Error(ExitCode::usage, fmt::format("nothing fills {{{}}}", name),
                    fmt::format("is {{{}}} meant?", value.name));
    }
}

void TemplateValues::check_filled(const std::string& what, std::string_view text) const {
    for (std::size_t at = 0; (at = text.find('{', at)) != text.npos; ++at) {
        const std::size_t end = text.find_first_of("{}", at + 1);
        if (end == text.npos || text[end] != '}') {
            continue;
        }
        const std::string_view name = text.substr(at + 1, end - at - 1);
        if (!is_name(name) || find(name) != nullptr) {
            continue;
        }
        throw Error(ExitCode::usage,
                    fmt::format("{}: nothing fills {}", what, text.substr(at, end + 1 - at)));
    }
}

const TemplateValues::Value* TemplateValues::find(std::string_view name) const {
    return const_cast<TemplateValues*>(this)->find(name);
}

template <typename As>
std::string TemplateValues::fill(std::string_view text, Braces braces, As as) {
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
        const bool doubled = text.substr(at, 2) == "{{" || text.substr(at, 2) == "}}";
        if (doubled && braces != Braces::literal) {
            filled += text.substr(at, braces == Braces::doubled ? 2 : 1);
            at += 2;
            continue;
        }
        const std::size_t end =
            text[at] == '{' ? text.find_first_of("{}", at + 1) : std::string_view::npos;
        Value* const value = end != std::string_view::npos && text[end] == '}'
                                 ? find(text.substr(at + 1, end - at - 1))
                                 : nullptr;
        if (value == nullptr) {
            if (braces != Braces::doubled && end != std::string_view::npos && text[end] == '}') {
                check_no_slip(text.substr(at + 1, end - at - 1));
            }
            filled += text[at++];
            continue;
        }
        value->used = true;
        filled += as(value->value);
        at = end + 1;
    }
    return filled;
}

std::string TemplateValues::in_template(std::string_view text) {
    return fill(text, Braces::doubled, doubled_braces);
}

std::string TemplateValues::in_text(std::string_view text) {
    return fill(text, Braces::literal, [](const std::string& value) { return value; });
}

std::string TemplateValues::in_constant(std::string_view text) {
    return fill(text, Braces::halved, [](const std::string& value) { return value; });
}

std::string TemplateValues::in_pattern(std::string_view text) {
    return fill(text, Braces::literal, [](const std::string& value) { return escape_glob(value); });
}

void TemplateValues::fill(RowOptions& rows) {
    for (auto* text : {&rows.key, &rows.group, &rows.value}) {
        if (!*text) {
            continue;
        }
        for (const std::string& column :
             KeyTemplate::parse(**text, KeyTemplate::Use::value).columns()) {
            if (find(column) != nullptr) {
                rows.filled.push_back(column);
            }
        }
        *text = in_template(**text);
    }
    if (rows.collect) {
        rows.collect = in_text(*rows.collect);
    }
    for (ColumnChoice& column : rows.columns) {
        if (column.constant) {
            column.constant->text = in_constant(column.constant->text);
        }
    }
}

std::optional<std::string> TemplateValues::only_value() {
    if (m_values.size() != 1) {
        return std::nullopt;
    }
    m_values.front().used = true;
    return m_values.front().value;
}

void TemplateValues::check_used() const {
    for (const Value& value : m_values) {
        if (value.used) {
            continue;
        }
        const std::string what = fmt::format("'{}' is set, but there is no {{{}}} to be filled in",
                                             value.name, value.name);
        throw Error(
            value.place.empty() ? ExitCode::usage : ExitCode::bad_input,
            (value.place.empty() ? "--set: " : value.place + ": ") + what,
            "templates, --collect, --sync and --switch are filled, and files of a manifest");
    }
}

}  // namespace cachectl
