#include "dump/sql/column.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

/// What may follow a column's type. Of these, no type's name has any but CHARACTER SET, WITH and
/// those that take_type() sees to.
constexpr std::array<std::string_view, 30> k_after_type = {
    "NOT",           "NULL",
    "DEFAULT",       "PRIMARY",
    "UNIQUE",        "CHECK",
    "REFERENCES",    "COLLATE",
    "GENERATED",     "AS",
    "STORED",        "CONSTRAINT",
    "COMMENT",       "ON",
    "STORAGE",       "COMPRESSION",
    "CHARSET",       "AUTO_INCREMENT",
    "VISIBLE",       "INVISIBLE",
    "AUTOINCREMENT", "COLUMN_FORMAT",
    "KEY",           "SRID",
    "VIRTUAL",       "PERSISTENT",
    "IDENTITY",      "OPTIONS",
    "FIRST",         "AFTER",
};

bool at_type_end(const SqlStatement& statement) {
    return std::any_of(k_after_type.begin(), k_after_type.end(),
                       [&](std::string_view word) { return statement.at_word(word); }) ||
           (statement.at_word("CHARACTER") && statement.at_word("SET", 1)) ||
           (statement.at_word("WITH") &&
            (statement.at_word("SYSTEM", 1) || statement.at_word("WITHOUT", 1)));
}

/// Does this name need no quotes?
bool is_plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// The next token, not at the end; without quotes if it does not need them: SQL Server's [int], and
/// "bytea", which is bytea.
std::string take_type_word(SqlStatement& statement) {
    const SqlToken& token = statement.token();
    std::string word(statement.text());
    if (token.kind != SqlTokenKind::name) {
        statement.skip();
        return word;
    }
    const std::string name = statement.take_name().value_or(std::string());
    return token.symbol == '[' || is_plain_name(name) ? name : word;
}

/// Is this MariaDB's mark of a JSON column, CHECK (json_valid(`name`))?
bool is_json_check(SqlStatement& statement, std::string_view name) {
    const std::size_t before = statement.place();
    bool found = statement.take_word("CHECK") && statement.take_symbol('(') &&
                 statement.take_word("JSON_VALID") && statement.take_symbol('(');
    if (found) {
        const auto checked = statement.take_name();
        found =
            checked && *checked == name && statement.take_symbol(')') && statement.take_symbol(')');
    }
    if (!found) {
        statement.go_to(before);
    }
    return found;
}

}  // namespace

std::string take_type(SqlStatement& statement) {
    std::string type;
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')') &&
           !at_type_end(statement)) {
        if (statement.at_symbol('(')) {
            type += fmt::format("({})", statement.skip_brackets());
            continue;
        }
        const SqlToken& token = statement.token();
        const bool glued = token.kind == SqlTokenKind::symbol || type.empty() ||
                           type.back() == '.' || type.back() == '[';
        type += glued ? "" : " ";
        type += take_type_word(statement);
    }
    return type;
}

std::string take_type_name(SqlStatement& statement) {
    std::string name;
    do {
        if (statement.ended()) {
            return {};
        }
        name += (name.empty() ? "" : ".") + take_type_word(statement);
    } while (statement.take_symbol('.'));
    return name;
}

std::optional<std::string> take_column(SqlStatement& statement, const SqlCatalog& catalog,
                                       SqlColumn& column) {
    std::string name = std::move(column.name);
    column = catalog.describe(take_type(statement));
    column.name = std::move(name);
    std::optional<std::string> after;
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')')) {
        if (statement.at_word("AS") && statement.at_symbol('(', 1)) {
            column.generated = true;
            statement.skip();
        } else if (is_json_check(statement, column.name)) {
            column.type = SqlType::json;
        } else if (statement.take_word("FIRST")) {
            after = "";
        } else if (statement.at_word("AFTER")) {
            statement.skip();
            after = statement.take_name();
        } else {
            statement.skip_any();
        }
    }
    return after;
}

bool at_key(const SqlStatement& statement) {
    return statement.at_word("KEY") || statement.at_word("INDEX") ||
           statement.at_word("FULLTEXT") || statement.at_word("SPATIAL");
}

bool at_constraint(const SqlStatement& statement) {
    for (const std::string_view word : {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"}) {
        if (statement.at_word(word)) {
            return true;
        }
    }
    return (statement.at_word("EXCLUDE") &&
            (statement.at_word("USING", 1) || statement.at_symbol('(', 1))) ||
           (statement.at_word("PERIOD") && statement.at_word("FOR", 1)) ||
           (statement.rules().keys_in_tables && at_key(statement));
}

void skip_element(SqlStatement& statement) {
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')')) {
        statement.skip_any();
    }
}

}  // namespace cachectl
