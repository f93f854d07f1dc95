#include "dump/json_element.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "dump/json_text.hpp"
#include "dump/source.hpp"

namespace cachectl {

namespace od = simdjson::ondemand;

static_assert(Source::k_padding >= simdjson::SIMDJSON_PADDING);

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

std::string show(std::string_view token) {
    constexpr std::size_t k_shown = 40;
    return token.size() <= k_shown ? fmt::format("'{}'", token)
                                   : fmt::format("'{}…'", token.substr(0, k_shown));
}

enum class Container { object, array };

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// A scalar's token runs to the next token: without the whitespace between them.
std::string_view trim(std::string_view token) {
    while (!token.empty() && is_space(token.back())) {
        token.remove_suffix(1);
    }
    return token;
}

/// The inside of a member's name, which begins at `inside`. Nothing but a quote, a colon and
/// whitespace stands between it and the member's value, so its end is found from there.
std::string_view name_inside(const char* inside, const char* value) {
    const char* p = value - 1;
    while (is_space(*p) || *p == ':') {
        --p;
    }
    return {inside, static_cast<std::size_t>(p - inside)};
}

bool has_escape(std::string_view inside) {
    return !inside.empty() && std::memchr(inside.data(), '\\', inside.size()) != nullptr;
}

}  // namespace

struct JsonElementParser::Impl {
    od::parser parser;
    od::document document;
    std::string_view text;  // of the document
    std::string scratch;

    /// Where it is not clear by itself what is wrong, the place in the text: the reader stands at
    /// the token that it could not take.
    BadRow bad(simdjson::error_code error) {
        const std::string_view reason = reason_of(error);
        if (!reason.empty()) {
            return {std::string(reason)};
        }
        const auto here = document.current_location();
        if (here.error() != simdjson::SUCCESS) {
            return {"not valid JSON at its end"};
        }
        return {
            fmt::format("not valid JSON at its byte {}", here.value_unsafe() - text.data() + 1)};
    }

    simdjson::error_code reserve(std::size_t bytes) {
        constexpr std::size_t k_least = 64 * 1024;
        return bytes <= parser.capacity()
                   ? simdjson::SUCCESS
                   : parser.allocate(std::max({k_least, bytes, 2 * parser.capacity()}),
                                     k_max_depth + 1);
    }

    /// The inside of the string that is `value`'s `token`, quotes and all; goes past it.
    RowResult<std::string_view> take_string(od::value& value, std::string_view token) {
        if (const auto error = value.get_raw_json_string().error()) {
            return bad(error);
        }
        const std::string_view string = trim(token);
        return string.substr(1, string.size() - 2);
    }

    /// The string's bytes: within the text if nothing in it is escaped, else kept by `record`.
    RowResult<std::string_view> unescape(std::string_view inside, Record& record) {
        if (!has_escape(inside)) {
            return inside;
        }
        scratch.clear();
        if (const char* reason = unescape_json(inside, scratch)) {
            return BadRow{reason};
        }
        return record.keep(scratch);
    }

    /// A number, true, false or null.
    static RowResult<ValueKind> kind_of_word(std::string_view token) {
        if (is_json_number(token)) {
            return ValueKind::number;
        }
        if (token == "null") {
            return ValueKind::null;
        }
        if (token == "true" || token == "false") {
            return ValueKind::boolean;
        }
        return BadRow{show(token) + " is not a JSON value"};
    }

    RowResult<> check_string(std::string_view inside) {
        if (has_escape(inside)) {
            scratch.clear();
            if (const char* reason = unescape_json(inside, scratch)) {
                return BadRow{reason};
            }
        }
        return {};
    }

    /// Walks all of a value, for on-demand reading does not validate what it skips.
    RowResult<> check_nested(od::value& value, std::size_t depth) {
        const std::string_view token = value.raw_json_token();
        const char first = token.front();
        if (first == '{' || first == '[') {
            if (depth > k_max_depth) {
                return BadRow{fmt::format("nested deeper than {}", k_max_depth)};
            }
            return first == '{' ? check_object(value, depth) : check_array(value, depth);
        }
        if (first == '"') {
            auto inside = take_string(value, token);
            return inside ? check_string(*inside) : std::move(inside.bad_row());
        }
        auto kind = kind_of_word(trim(token));
        return kind ? RowResult<>() : std::move(kind.bad_row());
    }

    RowResult<> check_object(od::value& value, std::size_t depth) {
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

    RowResult<> check_array(od::value& value, std::size_t depth) {
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

    RowResult<> add_member(od::field& member, Record& record) {
        const char* const value = member.value().raw_json_token().data();
        auto name = unescape(name_inside(member.key().raw(), value), record);
        return name ? add_value(*name, member.value(), record) : std::move(name.bad_row());
    }

    RowResult<> add_value(std::string_view name, od::value& value, Record& record) {
        const std::string_view token = value.raw_json_token();
        const char first = token.front();
        if (first == '"') {
            return add_string(name, value, token, record);
        }
        if (first == '{' || first == '[') {
            return add_container(name, value, token, record);
        }
        const std::string_view word = trim(token);
        auto kind = kind_of_word(word);
        if (!kind) {
            return std::move(kind.bad_row());
        }
        record.add(name, *kind, *kind == ValueKind::null ? std::string_view() : word);
        return {};
    }

    RowResult<> add_string(std::string_view name, od::value& value, std::string_view token,
                           Record& record) {
        auto inside = take_string(value, token);
        auto string = inside ? unescape(*inside, record) : std::move(inside);
        if (!string) {
            return std::move(string.bad_row());
        }
        record.add(name, ValueKind::text, *string);
        return {};
    }

    RowResult<> add_container(std::string_view name, od::value& value, std::string_view token,
                              Record& record) {
        if (auto checked = check_nested(value, 2); !checked) {
            return checked;
        }
        const auto behind = document.current_location();
        if (behind.error() != simdjson::SUCCESS) {
            return bad(behind.error());
        }
        const auto size = static_cast<std::size_t>(behind.value_unsafe() - token.data());
        minify_json({token.data(), size}, scratch);
        record.add(name, ValueKind::json, record.keep(scratch));
        return {};
    }

    RowResult<> add_members(Record& record) {
        auto object = document.get_object();
        if (object.error() != simdjson::SUCCESS) {
            return bad(object.error());
        }
        for (auto field : object.value_unsafe()) {
            if (const auto error = field.error()) {
                return bad(error);
            }
            // By reference: a field moved out is stored in parts and loaded whole, which stalls.
            od::field&& member = std::move(field).value_unsafe();
            if (auto added = add_member(member, record); !added) {
                return added;
            }
        }
        if (const std::string* name = record.duplicate_name()) {
            return BadRow{fmt::format("two members are named {}", show(*name))};
        }
        return {};
    }

    RowResult<> add_elements(Record& record) {
        auto array = document.get_array();
        if (array.error() != simdjson::SUCCESS) {
            return bad(array.error());
        }
        for (auto element : array.value_unsafe()) {
            od::value value;
            if (const auto error = std::move(element).get(value)) {
                return bad(error);
            }
            if (auto added = add_value({}, value, record); !added) {
                return added;
            }
        }
        return {};
    }

    RowResult<> parse(Container container, Record& record) {
        auto error = reserve(text.size());
        if (error == simdjson::SUCCESS) {
            error =
                parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
                    .get(document);
        }
        if (error != simdjson::SUCCESS) {
            const std::string_view reason = reason_of(error);
            return BadRow{std::string(reason.empty() ? "not valid JSON" : reason)};
        }
        auto added = container == Container::object ? add_members(record) : add_elements(record);
        if (!added) {
            return added;
        }
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
            return BadRow{"more text after the record"};
        }
        record.set_json(text);
        return {};
    }

    RowResult<> parse(std::string_view whole, Container container, std::uint64_t line,
                      Record& record) {
        record.begin(line, whole.size());
        text = whole;
        auto parsed = parse(container, record);
        if (!parsed) {
            parsed.bad_row().line = line;
        }
        return parsed;
    }
};

JsonElementParser::JsonElementParser() : m_impl(std::make_unique<Impl>()) {}
JsonElementParser::~JsonElementParser() = default;

RowResult<> JsonElementParser::parse_object(std::string_view text, std::uint64_t line,
                                            Record& record) {
    return m_impl->parse(text, Container::object, line, record);
}

RowResult<> JsonElementParser::parse_array(std::string_view text, std::uint64_t line,
                                           Record& record) {
    return m_impl->parse(text, Container::array, line, record);
}

}  // namespace cachectl
