// What a user may say of an SQL dump.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dump/sql/dialect.hpp"
#include "util/error.hpp"

namespace cachectl {

/// How binary values are shown.
enum class BinaryAs { base64, hex, raw };

/// Do backslashes escape within '…'? By themselves the dialect and the dump's SETs decide.
enum class SqlEscapes { automatic, backslash, none };

class SqlDefinitions;

struct SqlOptions {
    /// Names as SqlTableName takes them; none is all tables.
    std::vector<std::string> tables;
    SqlDialect dialect = SqlDialect::automatic;
    SqlEscapes escapes = SqlEscapes::automatic;
    BinaryAs binary = BinaryAs::base64;
    /// What is defined already; what this file defines is added. May be nullptr.
    std::shared_ptr<SqlDefinitions> definitions;
    /// Files come behind this one that add to the same definitions: a table that is not in this one
    /// may be in them.
    bool more_files = false;
};

/// A table that was asked for is not in the dump, or its name means several.
class SqlTableError : public Error {
public:
    SqlTableError(ExitCode code, std::string table, const std::string& message, std::string hint)
        : Error(code, message, std::move(hint)), m_table(std::move(table)) {}

    /// As it was asked for.
    [[nodiscard]] const std::string& table() const noexcept { return m_table; }

private:
    std::string m_table;
};

/// base64, hex, raw; nothing for any other name.
std::optional<BinaryAs> parse_binary_as(std::string_view name) noexcept;

}  // namespace cachectl
