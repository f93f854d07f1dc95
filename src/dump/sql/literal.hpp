// What a token of SQL stands for as a value: its bytes without quotes and escapes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dump/sql/lexer.hpp"

namespace cachectl {

struct SqlLiteral {
    enum class Kind {
        null,
        boolean,      // "true" or "false"
        number,       // as written
        text,         // the bytes of a string
        bytes,        // those that hex digits stand for
        bits,         // digits 0 and 1
        unspecified,  // DEFAULT
    };
    Kind kind = Kind::null;
    std::string_view text;  // in the token's text, or in the scratch that it was decoded into
};

/// The literal that `token` of `text` is: nothing if it is none (a name, an operator), or if its
/// digits or escapes are wrong. What needs decoding is appended to `scratch`; the literal's text is
/// valid until that changes.
std::optional<SqlLiteral> decode_literal(std::string_view text, const SqlToken& token,
                                         SqlDialect dialect, std::string& scratch);

/// The name that a word, a quoted name or (in SQLite) a string is; words fold as the rules say.
std::string decode_name(std::string_view text, const SqlToken& token, const SqlRules& rules);

}  // namespace cachectl
