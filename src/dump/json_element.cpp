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

/// Why a text is no record. Thrown within this file only: bad rows are rare, and the good path has
/// no error to hand upwards through each level of nesting.
struct Reject {
    std::string reason;
    bool wants_place = false;  // the reason does not show by itself where in the text it lies
};

void check(simdjson::error_code error) {
    switch (error) {
        case simdjson::SUCCESS:
            return;
        case simdjson::UTF8_ERROR:
            throw Reject{"invalid UTF-8"};
        case simdjson::UNESCAPED_CHARS:
            throw Reject{"a control character in a string"};
        case simdjson::UNCLOSED_STRING:
            throw Reject{"a string is not closed"};
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            throw Reject{"it does not end with the '}' of its '{'"};
        case simdjson::INCORRECT_TYPE:
            throw Reject{"not an object"};
        case simdjson::EMPTY:
            throw Reject{"nothing but whitespace"};
        case simdjson::MEMALLOC:
            throw std::bad_alloc();
        default:
            throw Reject{"not valid JSON", true};
    }
}

template <typename T>
T take(simdjson::simdjson_result<T>&& result) {
    check(result.error());
    return std::move(result).value_unsafe();
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

/// The inside of the string that is `value`'s `token`, quotes and all; goes past it.
std::string_view take_string(od::value& value, std::string_view token) {
    take(value.get_raw_json_string());
    const std::string_view string = trim(token);
    return string.substr(1, string.size() - 2);
}

bool has_escape(std::string_view inside) {
    return !inside.empty() && std::memchr(inside.data(), '\\', inside.size()) != nullptr;
}

}  // namespace

struct JsonElementParser::Impl {
    od::parser parser;
    std::string scratch;

    void reserve(std::size_t bytes) {
        if (bytes > parser.capacity()) {
            constexpr std::size_t k_least = 64 * 1024;
            check(parser.allocate(std::max({k_least, bytes, 2 * parser.capacity()}),
                                  k_max_depth + 1));
        }
    }

    /// The string's bytes: within the text if nothing in it is escaped, else kept by `record`.
    std::string_view unescape(std::string_view inside, Record& record) {
        if (!has_escape(inside)) {
            return inside;
        }
        scratch.clear();
        if (const char* why = unescape_json(inside, scratch)) {
            throw Reject{why};
        }
        return record.keep(scratch);
    }

    /// A number, true, false or null.
    static ValueKind check_word(std::string_view token) {
        if (is_json_number(token)) {
            return ValueKind::number;
        }
        if (token == "null") {
            return ValueKind::null;
        }
        if (token == "true" || token == "false") {
            return ValueKind::boolean;
        }
        throw Reject{show(token) + " is not a JSON value"};
    }

    void check_string(std::string_view inside) {
        if (has_escape(inside)) {
            scratch.clear();
            if (const char* why = unescape_json(inside, scratch)) {
                throw Reject{why};
            }
        }
    }

    /// Walks all of a value, for on-demand reading does not validate what it skips.
    void check_nested(od::value& value, std::size_t depth) {
        const std::string_view token = value.raw_json_token();
        switch (token.front()) {
            case '{':
                check_depth(depth);
                for (auto member : take(value.get_object())) {
                    const od::raw_json_string name = take(member.key());
                    od::value inner = take(member.value());
                    check_string(name_inside(name.raw(), inner.raw_json_token().data()));
                    check_nested(inner, depth + 1);
                }
                break;
            case '[':
                check_depth(depth);
                for (auto element : take(value.get_array())) {
                    od::value inner = take(std::move(element));
                    check_nested(inner, depth + 1);
                }
                break;
            case '"':
                check_string(take_string(value, token));
                break;
            default:
                check_word(trim(token));
        }
    }

    static void check_depth(std::size_t depth) {
        if (depth > k_max_depth) {
            throw Reject{fmt::format("nested deeper than {}", k_max_depth)};
        }
    }

    void add_member(od::field& member, od::document& document, Record& record) {
        const char* const value = member.value().raw_json_token().data();
        const std::string_view name = unescape(name_inside(member.key().raw(), value), record);
        add_value(name, member.value(), document, record);
    }

    void add_value(std::string_view name, od::value& value, od::document& document,
                   Record& record) {
        const std::string_view token = value.raw_json_token();
        switch (token.front()) {
            case '"':
                record.add(name, ValueKind::text, unescape(take_string(value, token), record));
                break;
            case '{':
            case '[': {
                check_nested(value, 2);
                const char* behind = take(document.current_location());
                minify_json({token.data(), static_cast<std::size_t>(behind - token.data())},
                            scratch);
                record.add(name, ValueKind::json, record.keep(scratch));
                break;
            }
            default: {
                const std::string_view word = trim(token);
                const ValueKind kind = check_word(word);
                record.add(name, kind, kind == ValueKind::null ? std::string_view() : word);
            }
        }
    }

    /// The reader stands at the token that it could not take.
    static std::string place(simdjson::simdjson_result<const char*> here, std::string_view text) {
        return here.error() ? " at its end"
                            : fmt::format(" at its byte {}", here.value_unsafe() - text.data() + 1);
    }

    void parse(std::string_view text, Container container, Record& record) {
        reserve(text.size());
        od::document document = take(
            parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING));
        try {
            if (container == Container::object) {
                add_members(document, record);
            } else {
                add_elements(document, record);
            }
        } catch (Reject& reject) {
            if (reject.wants_place) {
                reject.reason += place(document.current_location(), text);
            }
            throw;
        }
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
            throw Reject{"more text after the record"};
        }
        record.set_json(text);
    }

    void add_members(od::document& document, Record& record) {
        for (auto field : take(document.get_object())) {
            check(field.error());
            // By reference: a field moved out is stored in parts and loaded whole, which stalls.
            od::field&& member = std::move(field).value_unsafe();
            add_member(member, document, record);
        }
        if (const std::string* name = record.duplicate_name()) {
            throw Reject{fmt::format("two members are named {}", show(*name))};
        }
    }

    void add_elements(od::document& document, Record& record) {
        for (auto element : take(document.get_array())) {
            od::value value = take(std::move(element));
            add_value({}, value, document, record);
        }
    }

    std::optional<std::string> try_parse(std::string_view text, Container container,
                                         std::uint64_t line, Record& record) {
        record.begin(line, text.size());
        try {
            parse(text, container, record);
            return std::nullopt;
        } catch (Reject& reject) {
            return std::move(reject.reason);
        }
    }
};

JsonElementParser::JsonElementParser() : m_impl(std::make_unique<Impl>()) {}
JsonElementParser::~JsonElementParser() = default;

std::optional<std::string> JsonElementParser::parse_object(std::string_view text,
                                                           std::uint64_t line, Record& record) {
    return m_impl->try_parse(text, Container::object, line, record);
}

std::optional<std::string> JsonElementParser::parse_array(std::string_view text, std::uint64_t line,
                                                          Record& record) {
    return m_impl->try_parse(text, Container::array, line, record);
}

}  // namespace cachectl
