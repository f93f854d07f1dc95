// How the dialects of SQL differ, as a table: the lexer and the readers ask it, and nothing else
// decides by a database's name.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

namespace cachectl {

enum class SqlDialect { automatic, postgres, mysql, sqlite, generic };

struct SqlRules {
    SqlDialect dialect;
    std::string_view dump_name;       // for people: "PostgreSQL dump"
    std::string_view string_letters;  // lower case: may stand before a quote, as in E'…' and X'…'
    bool backslash_escapes;           // within '…', while the session says nothing else
    bool double_quoted_strings;       // "…" is a string, while the session says nothing else
    bool backtick_names;              // `…`
    bool bracket_names;               // […]
    bool dollar_strings;              // $tag$…$tag$
    bool hash_comments;               // # … to the end of the line
    bool dashes_want_space;           // "--" begins a comment only with a space behind it
    bool nested_comments;             // /* /* */ */
    bool executable_comments;         // /*!40101 … */ and /*M!100100 … */ are not comments
    bool meta_commands;               // a backslash begins a command to the client, one line long
    bool delimiter_command;           // DELIMITER ;;
    bool go_lines;                    // GO on a line of its own ends a batch
    bool folds_names;                 // names without quotes are lower case
    bool exact_names;                 // upper and lower case differ in names
    bool hex_numbers_are_bytes;       // 0x41 is X'41', not 65; and 1_000 is no number
    bool keys_in_tables;              // KEY and INDEX may stand among a table's columns
    std::string_view default_schema;  // where names without one are, while nothing else is said
};

/// Of `automatic` the generic ones.
const SqlRules& rules_of(SqlDialect dialect) noexcept;

/// auto, postgres (postgresql), mysql (mariadb), sqlite, generic; nothing for any other name.
std::optional<SqlDialect> parse_sql_dialect(std::string_view name) noexcept;

/// Is `text` that word in whatever case? `upper` is in upper case.
bool is_sql_word(std::string_view text, std::string_view upper) noexcept;
/// Is it one of these words?
bool is_any_sql_word(std::string_view text, std::initializer_list<std::string_view> upper) noexcept;
/// The same text but for the case of its ASCII letters.
bool same_sql_name(std::string_view a, std::string_view b) noexcept;
char lower_ascii(char c) noexcept;

}  // namespace cachectl
