// The few expressions that dumps write instead of literals.
#pragma once

#include <string>
#include <string_view>

#include "dump/sql/literal.hpp"

namespace cachectl {

struct SqlResult {
    SqlLiteral::Kind kind = SqlLiteral::Kind::null;
    std::string text;
    std::string declared;   // the type that it is cast to; empty if it is not
    bool inferred = false;  // that is but what it looks like: of ARRAY[…] without a cast
};

/// The value of `text`: literals, a sign before a number, parentheses, casts (which cast_keeps()
/// judges), strings one behind the other; PostgreSQL's ARRAY[…], DATE '…' and U&'…' UESCAPE;
/// MySQL's introducers (_utf8mb4'…') and CONVERT(… USING utf8mb4), by which mydumper writes JSON;
/// SQLite's replace(), char() and unistr(), by which it writes line breaks. Nothing for anything
/// else. `backslashes` is whether these escape within '…'.
std::optional<SqlResult> evaluate_sql(std::string_view text, const SqlRules& rules,
                                      bool backslashes, bool ansi_quotes);

}  // namespace cachectl
