// The few expressions that dumps write instead of literals.
#pragma once

#include <string>
#include <string_view>

#include "dump/sql_literal.hpp"

namespace cachectl {

struct SqlResult {
    SqlLiteral::Kind kind = SqlLiteral::Kind::null;
    std::string text;
};

/// The value of `text`: literals, a sign before a number, parentheses; MySQL's introducers
/// (_utf8mb4'…') and CAST('…' AS JSON); SQLite's replace(), char() and unistr(), by which it
/// writes line breaks; SQL Server's CAST('…' AS datetime) and the like. Nothing for anything else.
/// `backslashes` is whether these escape within '…'.
std::optional<SqlResult> evaluate_sql(std::string_view text, const SqlRules& rules,
                                      bool backslashes, bool ansi_quotes);

}  // namespace cachectl
