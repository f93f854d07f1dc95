#include "dump/json_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace cachectl {

namespace {

/// Empty if the error does not show by itself what is wrong.
std::string_view reason_of(simdjson::error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR:
            return "invalid UTF-8";
        case simdjson::UNESCAPED_CHARS:
            return "a control character in a string";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            return "it does not end with the '}' of its '{'";
        case simdjson::INCORRECT_TYPE:
            return "not an object";
        case simdjson::EMPTY:
            return "nothing but whitespace";
        case simdjson::MEMALLOC:
            throw std::bad_alloc();
        default:
            return {};
    }
}

}  // namespace

std::string shown_token(std::string_view token) {
    constexpr std::size_t k_shown = 40;
    return token.size() <= k_shown ? fmt::format("'{}'", token)
                                   : fmt::format("'{}…'", token.substr(0, k_shown));
}

BadRow JsonDocument::bad(simdjson::error_code error) {
    const std::string_view reason = reason_of(error);
    if (!reason.empty()) {
        return {std::string(reason)};
    }
    const auto here = m_document.current_location();
    if (here.error() != simdjson::SUCCESS) {
        return {"not valid JSON at its end"};
    }
    return {fmt::format("not valid JSON at its byte {}", here.value_unsafe() - m_text.data() + 1)};
}

RowResult<> JsonDocument::open(std::string_view text) {
    constexpr std::size_t k_least = std::size_t{64} * 1024;
    m_text = text;
    auto error = simdjson::SUCCESS;
    if (text.size() > m_parser.capacity()) {
        error = m_parser.allocate(std::max({k_least, text.size(), 2 * m_parser.capacity()}),
                                  m_max_depth + 1);
    }
    if (error == simdjson::SUCCESS) {
        error = m_parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
                    .get(m_document);
    }
    if (error == simdjson::SUCCESS) {
        return {};
    }
    const std::string_view reason = reason_of(error);
    return BadRow{std::string(reason.empty() ? "not valid JSON" : reason)};
}

RowResult<ValueKind> JsonDocument::kind_of_word(std::string_view token) {
    if (is_json_number(token)) {
        return ValueKind::number;
    }
    if (token == "null") {
        return ValueKind::null;
    }
    if (token == "true" || token == "false") {
        return ValueKind::boolean;
    }
    return BadRow{shown_token(token) + " is not a JSON value"};
}

RowResult<> JsonDocument::check_string(std::string_view inside) {
    if (has_escape(inside)) {
        m_scratch.clear();
        if (const char* reason = unescape_json(inside, m_scratch)) {
            return BadRow{reason};
        }
    }
    return {};
}

RowResult<> JsonDocument::add_nested(std::string_view name, od::value& value,
                                     std::string_view token, Record& record) {
    if (auto checked = check_nested(value, 2); !checked) {
        return checked;
    }
    const auto behind = m_document.current_location();
    if (behind.error() != simdjson::SUCCESS) {
        return bad(behind.error());
    }
    const auto size = static_cast<std::size_t>(behind.value_unsafe() - token.data());
    minify_json({token.data(), size}, m_scratch);
    record.add(name, ValueKind::json, record.keep(m_scratch));
    return {};
}

/// Walks all of a value, for on-demand reading does not validate what it skips. The record itself
/// has depth 1.
RowResult<> JsonDocument::check_nested(od::value& value, std::size_t depth) {
    const std::string_view token = value.raw_json_token();
    const char first = token.front();
    if (first == '{' || first == '[') {
        if (depth > m_max_depth) {
            return BadRow{fmt::format("nested deeper than {}", m_max_depth)};
        }
        return first == '{' ? check_object(value, depth) : check_array(value, depth);
    }
    if (first == '"') {
        auto inside = take_string(value, token);
        return inside ? check_string(*inside) : std::move(inside.bad_row());
    }
    auto kind = kind_of_word(trim_token(token));
    return kind ? RowResult<>() : std::move(kind.bad_row());
}

RowResult<> JsonDocument::check_object(od::value& value, std::size_t depth) {
    auto object = value.get_object();
    if (object.error() != simdjson::SUCCESS) {
        return bad(object.error());
    }
    for (auto member : object.value_unsafe()) {
        od::raw_json_string name;
        od::value inner;
        if (const auto error = member.key().get(name)) {
            return bad(error);
        }
        if (const auto error = member.value().get(inner)) {
            return bad(error);
        }
        const char* const token = inner.raw_json_token().data();
        if (auto checked = check_string(name_inside(name.raw(), token)); !checked) {
            return checked;
        }
        if (auto checked = check_nested(inner, depth + 1); !checked) {
            return checked;
        }
    }
    return {};
}

RowResult<> JsonDocument::check_array(od::value& value, std::size_t depth) {
    auto array = value.get_array();
    if (array.error() != simdjson::SUCCESS) {
        return bad(array.error());
    }
    for (auto element : array.value_unsafe()) {
        od::value inner;
        if (const auto error = std::move(element).get(inner)) {
            return bad(error);
        }
        if (auto checked = check_nested(inner, depth + 1); !checked) {
            return checked;
        }
    }
    return {};
}

}  // namespace cachectl
