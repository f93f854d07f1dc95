// What a user may say of an SQL dump.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/sql_dialect.hpp"

namespace cachectl {

/// How binary values are shown.
enum class BinaryAs { base64, hex, raw };

/// Do backslashes escape within '…'? By themselves the dialect and the dump's SETs decide.
enum class SqlEscapes { automatic, backslash, none };

struct SqlOptions {
    /// Names as SqlTableName takes them; none is all tables.
    std::vector<std::string> tables;
    SqlDialect dialect = SqlDialect::automatic;
    SqlEscapes escapes = SqlEscapes::automatic;
    BinaryAs binary = BinaryAs::base64;
};

/// base64, hex, raw; nothing for any other name.
std::optional<BinaryAs> parse_binary_as(std::string_view name) noexcept;

}  // namespace cachectl
