#include "dump/sql/dialect.hpp"

#include <algorithm>

namespace cachectl {

namespace {

constexpr SqlRules k_postgres = {
    .dialect = SqlDialect::postgres,
    .dump_name = "PostgreSQL dump",
    .string_letters = "enxbu",
    .dollar_strings = true,
    .nested_comments = true,
    .meta_commands = true,
    .folds_names = true,
    .exact_names = true,
    .default_schema = "public",
};

constexpr SqlRules k_mysql = {
    .dialect = SqlDialect::mysql,
    .dump_name = "MySQL dump",
    .string_letters = "nxb",
    .backslash_escapes = true,
    .double_quoted_strings = true,
    .backtick_names = true,
    .hash_comments = true,
    .dashes_want_space = true,
    .executable_comments = true,
    .delimiter_command = true,
    .hex_numbers_are_bytes = true,
    .keys_in_tables = true,
};

constexpr SqlRules k_sqlite = {
    .dialect = SqlDialect::sqlite,
    .dump_name = "SQLite dump",
    .string_letters = "x",
    .backtick_names = true,
    .bracket_names = true,
    .default_schema = "main",
};

constexpr SqlRules k_generic = {
    .dialect = SqlDialect::generic,
    .dump_name = "SQL script",
    .string_letters = "nxb",
    .backtick_names = true,
    .bracket_names = true,
    .meta_commands = true,
    .go_lines = true,
    .hex_numbers_are_bytes = true,
    .default_schema = "dbo",
};

}  // namespace

const SqlRules& rules_of(SqlDialect dialect) noexcept {
    switch (dialect) {
        case SqlDialect::postgres:
            return k_postgres;
        case SqlDialect::mysql:
            return k_mysql;
        case SqlDialect::sqlite:
            return k_sqlite;
        case SqlDialect::automatic:
        case SqlDialect::generic:
            break;
    }
    return k_generic;
}

std::optional<SqlDialect> parse_sql_dialect(std::string_view name) noexcept {
    if (name == "auto") {
        return SqlDialect::automatic;
    }
    if (name == "postgres" || name == "postgresql") {
        return SqlDialect::postgres;
    }
    if (name == "mysql" || name == "mariadb") {
        return SqlDialect::mysql;
    }
    if (name == "sqlite") {
        return SqlDialect::sqlite;
    }
    if (name == "generic") {
        return SqlDialect::generic;
    }
    return std::nullopt;
}

char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_sql_word(std::string_view text, std::string_view upper) noexcept {
    return same_sql_name(text, upper);
}

bool is_any_sql_word(std::string_view text,
                     std::initializer_list<std::string_view> upper) noexcept {
    return std::any_of(upper.begin(), upper.end(),
                       [text](std::string_view word) { return is_sql_word(text, word); });
}

bool same_sql_name(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower_ascii(x) == lower_ascii(y);
           });
}

}  // namespace cachectl
