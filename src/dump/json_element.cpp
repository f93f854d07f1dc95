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

/// A scalar's token runs to the next token: without the whitespace between them.
std::string_view trim(std::string_view token) {
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' ||
                              token.back() == '\r')) {
        token.remove_suffix(1);
    }
    return token;
}

/// Behind the closing quote of the string that begins at `inside`; simdjson saw that it is closed.
std::string_view string_inside(const char* inside, const char* end) {
    const char* p = inside;
    while (true) {
        p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
        if (p == nullptr) {
            throw Reject{"a string is not closed"};
        }
        const char* backslash = p;
        while (backslash != inside && backslash[-1] == '\\') {
            --backslash;
        }
        if ((p - backslash) % 2 == 0) {
            return {inside, static_cast<std::size_t>(p - inside)};
        }
        ++p;
    }
}

}  // namespace

struct JsonElementParser::Impl {
    od::parser parser;
    const char* end = nullptr;  // of the text
    std::string scratch;

    void reserve(std::size_t bytes) {
        if (bytes > parser.capacity()) {
            constexpr std::size_t k_least = 64 * 1024;
            check(parser.allocate(std::max({k_least, bytes, 2 * parser.capacity()}), k_max_depth));
        }
    }

    /// The string's bytes: within the text if nothing in it is escaped, else kept by `record`.
    std::string_view unescape(std::string_view inside, Record& record) {
        if (inside.find('\\') == std::string_view::npos) {
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

    std::string_view string_of(od::value& value) const {
        return string_inside(take(value.get_raw_json_string()).raw(), end);
    }

    void check_string(std::string_view inside) {
        if (inside.find('\\') != std::string_view::npos) {
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
                    check_string(string_inside(take(member.key()).raw(), end));
                    od::value inner = take(member.value());
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
                check_string(string_of(value));
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
        const std::string_view name = unescape(string_inside(member.key().raw(), end), record);
        od::value& value = member.value();
        const std::string_view token = value.raw_json_token();
        switch (token.front()) {
            case '"':
                record.add(name, ValueKind::text, unescape(string_of(value), record));
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

    /// The reader stands behind the token that it could not take.
    static std::string place(simdjson::simdjson_result<const char*> here, std::string_view text) {
        return here.error()
                   ? " at its end"
                   : fmt::format(" before its byte {}", here.value_unsafe() - text.data() + 1);
    }

    void parse(std::string_view text, Record& record) {
        reserve(text.size());
        end = text.data() + text.size();
        od::document document = take(
            parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING));
        try {
            for (auto field : take(document.get_object())) {
                od::field member = take(std::move(field));
                add_member(member, document, record);
            }
        } catch (Reject& reject) {
            if (reject.wants_place) {
                reject.reason += place(document.current_location(), text);
            }
            throw;
        }
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
            throw Reject{"more text after the object"};
        }
        if (const std::string* name = record.duplicate_name()) {
            throw Reject{fmt::format("two members are named {}", show(*name))};
        }
        record.set_json(text);
    }
};

JsonElementParser::JsonElementParser() : m_impl(std::make_unique<Impl>()) {}
JsonElementParser::~JsonElementParser() = default;

std::optional<std::string> JsonElementParser::parse_object(std::string_view text,
                                                           std::uint64_t line, Record& record) {
    record.begin(line, text.size());
    try {
        m_impl->parse(text, record);
        return std::nullopt;
    } catch (Reject& reject) {
        return std::move(reject.reason);
    }
}

}  // namespace cachectl
