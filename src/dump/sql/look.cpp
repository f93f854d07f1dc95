#include "dump/sql/look.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "dump/sql/dialect.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_space = " \t\r\n\v\f";

/// How a statement begins.
struct Start {
    std::string_view word;
    /// What may follow, with a space on each side; a word, or one character.
    std::string_view next;
    /// Else one of these has to stand in the rest of its first line, separated by '|'.
    std::string_view holds;
};

constexpr std::string_view k_things =
    " TABLE DATABASE SCHEMA FUNCTION PROCEDURE OR UNIQUE INDEX SEQUENCE TYPE DOMAIN EXTENSION VIEW "
    "TEMP TEMPORARY UNLOGGED TRIGGER USER ROLE MATERIALIZED VIRTUAL DEFINER ALGORITHM FOREIGN "
    "GLOBAL EVENT COLLATION AGGREGATE CAST OPERATOR RULE PUBLICATION SUBSCRIPTION SERVER TEXT "
    "TABLESPACE PROC LANGUAGE POLICY DEFAULT ACCESS CONSTRAINT GROUP ";

constexpr std::array k_starts = {
    Start{"ALTER", k_things, ""},
    Start{"ANALYZE", " ; ", ";"},
    Start{"BEGIN", " ; TRANSACTION TRAN WORK IMMEDIATE EXCLUSIVE DEFERRED ", ""},
    Start{"CALL", "", "("},
    Start{"COMMENT", " ON ", ""},
    Start{"COMMIT", " ; TRANSACTION WORK AND ", ""},
    Start{"COPY", " ( ", " FROM | TO "},
    Start{"CREATE", k_things, ""},
    Start{"DECLARE", " @ ", ""},
    Start{"DELETE", " FROM ", ""},
    Start{"DELIMITER", " ; $ / | ", ""},
    Start{"DO", " $ ", ""},
    Start{"DROP", k_things, ""},
    Start{"EXEC", "", "'|@|SP_"},
    Start{"GRANT", "", " ON | TO "},
    Start{"IF", " NOT EXISTS OBJECT_ID ( ", ""},
    Start{"INSERT", " INTO IGNORE OR LOW_PRIORITY DELAYED HIGH_PRIORITY [ ", "VALUES"},
    Start{"LOCK", " TABLES TABLE ", ""},
    Start{"PRAGMA", "", "=|;|("},
    Start{"PRINT", " ' ", "'"},
    Start{"REPLACE", " INTO ", ""},
    Start{"REVOKE", "", " ON | FROM "},
    Start{"ROLLBACK", " ; TRANSACTION WORK ", ""},
    Start{"SELECT", "", "(| FROM |;|'"},
    Start{"SET", " @ NAMES SESSION LOCAL GLOBAL TRANSACTION CHARACTER ", "=| TO | ON| OFF"},
    Start{"START", " TRANSACTION SLAVE REPLICA ", ""},
    Start{"TRUNCATE", " TABLE ONLY ", ";"},
    Start{"UNLOCK", " TABLES ", ""},
    Start{"UPDATE", "", " SET "},
    Start{"USE", " ` [ ", ";"},
    Start{"VACUUM", " ; ", ";"},
    Start{"WITH", "", " AS ("},
};

/// Words that other statements and commands to clients begin with: where one of them stands first,
/// only the file's name says that it is SQL.
constexpr std::array<std::string_view, 69> k_more_starts = {
    "ABORT",      "ATTACH", "BULK",     "CHECK",    "CHECKPOINT", "CLEAR",    "CLOSE",
    "CLUSTER",    "DENY",   "DETACH",   "DISCARD",  "END",        "EXECUTE",  "EXIT",
    "EXPLAIN",    "FETCH",  "FLUSH",    "HANDLER",  "IMPORT",     "INSTALL",  "KILL",
    "LISTEN",     "LOAD",   "MERGE",    "MOVE",     "NOTIFY",     "OPTIMIZE", "PREPARE",
    "PROMPT",     "PURGE",  "QUIT",     "REASSIGN", "REFRESH",    "REINDEX",  "RELEASE",
    "REM",        "REMARK", "RENAME",   "REPAIR",   "RESET",      "RETURN",   "SAVEPOINT",
    "SECURITY",   "SHOW",   "SIGNAL",   "SOURCE",   "SPOOL",      "STOP",     "SYSTEM",
    "TABLE",      "TEE",    "UNLISTEN", "VALUES",   "WAITFOR",    "WARNINGS", "WHENEVER",
    "WHILE",      "XA",     "BACKUP",   "RESTORE",  "CACHE",      "CHANGE",   "CHECKSUM",
    "DEALLOCATE", "DESC",   "DESCRIBE", "NOPAGER",  "PAGER",      "UNINSTALL"};

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '\t' ? ' ' : c;
    });
    return result;
}

bool is_word(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// A word, or else one character.
std::string_view first_token(std::string_view text) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_word);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return text.substr(0, std::max<std::size_t>(length, 1));
}

std::string_view without_space(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(k_space), text.size()));
    return text;
}

/// Does a header of columns go on behind the words with which a statement could begin, where SQL
/// has a name or comes to its end?
bool is_behind_column_name(std::string_view behind) {
    const char separator = behind.empty() ? '\0' : behind.front();
    if (separator == ',') {
        return true;
    }
    const std::string_view line = behind.substr(0, behind.find('\n'));
    behind.remove_prefix(std::min(line.size() + 1, behind.size()));
    const std::string_view next_line = behind.substr(0, behind.find('\n'));
    const std::string_view trimmed = line.substr(0, line.find_last_not_of(" \r") + 1);
    const bool separates = (separator == '\t' && line.find('(') == std::string_view::npos &&
                            !next_line.starts_with('\t')) ||
                           (separator == ';' && trimmed.size() > 1 && trimmed[1] != ' ');
    return separates && !trimmed.ends_with(';') &&
           std::ranges::count(line, separator) == std::ranges::count(next_line, separator);
}

bool starts_statement(std::string_view original) {
    const std::string upper_case = upper(original);
    const std::string_view text = upper_case;
    const std::string_view word = first_token(text);
    const std::string_view rest = text.substr(word.size());
    const auto* const start = std::find_if(k_starts.begin(), k_starts.end(),
                                           [word](const auto& s) { return s.word == word; });
    if (start == k_starts.end() || rest.empty()) {
        return false;
    }
    const std::string_view behind = without_space(rest);
    const std::string next = ' ' + std::string(first_token(behind)) + ' ';
    const bool apart = rest.size() > behind.size() || !is_word(behind.empty() ? ' ' : behind[0]);
    if (apart && next != "  " && start->next.find(next) != std::string_view::npos) {
        const std::size_t left = next == " ; " ? behind.size() : behind.size() + 2 - next.size();
        return !is_behind_column_name(original.substr(original.size() - left));
    }
    const std::string_view line = rest.substr(0, rest.find('\n'));
    // "Select one;two" is no statement: what ends one stands at the line's end.
    const std::size_t last = line.find_last_not_of(" \r");
    const bool ended = last != std::string_view::npos && line[last] == ';';
    for (std::string_view holds = start->holds; !holds.empty();) {
        const std::string_view one = holds.substr(0, holds.find('|'));
        holds.remove_prefix(std::min(one.size() + 1, holds.size()));
        if (one == ";" ? ended : line.find(one) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

/// A command to psql on a line of its own.
bool is_meta_command(std::string_view text) {
    return text.size() > 1 && text[0] == '\\' &&
           std::isalpha(static_cast<unsigned char>(text[1])) != 0;
}

}  // namespace

bool begins_any_statement(std::string_view word) noexcept {
    return std::any_of(k_starts.begin(), k_starts.end(),
                       [word](const Start& start) { return is_sql_word(word, start.word); }) ||
           std::any_of(k_more_starts.begin(), k_more_starts.end(),
                       [word](std::string_view start) { return is_sql_word(word, start); });
}

std::size_t skip_sql_comments(std::string_view text) {
    const std::size_t whole = text.size();
    while (true) {
        text = without_space(text);
        const bool line = text.starts_with("--") || text.starts_with('#');
        const bool block =
            text.starts_with("/*") && !text.starts_with("/*!") && !text.starts_with("/*M!");
        if (!line && !block) {
            return whole - text.size();
        }
        const std::size_t end = line ? text.find('\n') : text.find("*/");
        if (end == std::string_view::npos) {
            return whole;
        }
        text = without_space(text.substr(end + (line ? 1 : 2)));
        text.remove_prefix(text.starts_with(';') ? 1 : 0);  // an empty statement
    }
}

SqlLook look_for_sql(std::string_view text) {
    text = without_space(text);
    const bool comments = text.starts_with("--") || text.starts_with("/*");
    text.remove_prefix(skip_sql_comments(text));
    if (text.empty()) {
        return SqlLook::comments;
    }
    constexpr std::size_t k_enough = 4096;
    if (text.starts_with("/*") || is_meta_command(text) ||
        starts_statement(text.substr(0, k_enough))) {
        return SqlLook::yes;
    }
    return comments ? SqlLook::comments : SqlLook::no;
}

}  // namespace cachectl
