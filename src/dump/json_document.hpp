// The tokens of one JSON text, as simdjson's on-demand reader finds them, and the checks that it
// leaves out. For json_element.cpp.
#pragma once

#include <simdjson.h>

#include <cstring>
#include <string>
#include <string_view>

#include "dump/json_text.hpp"
#include "dump/record.hpp"
#include "dump/row_result.hpp"

namespace cachectl {

namespace od = simdjson::ondemand;

inline bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// A scalar's token runs to the next token: without the whitespace between them.
inline std::string_view trim_token(std::string_view token) {
    while (!token.empty() && is_json_space(token.back())) {
        token.remove_suffix(1);
    }
    return token;
}

/// The inside of a member's name, which begins at `inside`. Nothing but a quote, a colon and
/// whitespace stands between it and the member's value, so its end is found from there.
inline std::string_view name_inside(const char* inside, const char* value) {
    const char* p = value - 1;
    while (is_json_space(*p) || *p == ':') {
        --p;
    }
    return {inside, static_cast<std::size_t>(p - inside)};
}

inline bool has_escape(std::string_view inside) {
    return !inside.empty() && std::memchr(inside.data(), '\\', inside.size()) != nullptr;
}

class JsonDocument {
public:
    explicit JsonDocument(std::size_t max_depth) : m_max_depth(max_depth) {}

    /// Before anything else: Source::k_padding readable bytes have to follow the text.
    RowResult<> open(std::string_view text);
    /// Behind the last token: is there nothing more?
    [[nodiscard]] bool ended() {
        return m_document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }
    [[nodiscard]] od::document& root() { return m_document; }

    /// What is wrong, and where that is not clear by itself, the place in the text: the reader
    /// stands at the token that it could not take.
    BadRow bad(simdjson::error_code error);

    /// The inside of the string that is `value`'s `token`, quotes and all; goes past it.
    RowResult<std::string_view> take_string(od::value& value, std::string_view token) {
        if (const auto error = value.get_raw_json_string().error()) {
            return bad(error);
        }
        const std::string_view string = trim_token(token);
        return string.substr(1, string.size() - 2);
    }

    /// The string's bytes: within the text if nothing in it is escaped, else kept by `record`.
    RowResult<std::string_view> unescape(std::string_view inside, Record& record) {
        if (!has_escape(inside)) {
            return inside;
        }
        m_scratch.clear();
        if (const char* reason = unescape_json(inside, m_scratch)) {
            return BadRow{reason};
        }
        return record.keep(m_scratch);
    }

    /// A number, true, false or null.
    static RowResult<ValueKind> kind_of_word(std::string_view token);

    /// Adds the value, an object or an array whose text begins with `token`, as minified JSON.
    RowResult<> add_nested(std::string_view name, od::value& value, std::string_view token,
                           Record& record);

private:
    RowResult<> check_nested(od::value& value, std::size_t depth);
    RowResult<> check_string(std::string_view inside);
    RowResult<> check_object(od::value& value, std::size_t depth);
    RowResult<> check_array(od::value& value, std::size_t depth);

    std::size_t m_max_depth;
    od::parser m_parser;
    od::document m_document;
    std::string_view m_text;
    std::string m_scratch;
};

/// "'TOKEN'", cut if it is long.
std::string shown_token(std::string_view token);

}  // namespace cachectl
