// What a script holds that is not followed, though it may bring rows or take them away: commands
// for its client, statements, and what the program that wrote it says of errors.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dump/sql/client_command.hpp"
#include "dump/sql/look.hpp"
#include "dump/sql/preamble.hpp"
#include "dump/sql/script.hpp"

namespace cachectl {

void SqlScript::note(Doubt kind, std::string text) {
    const bool known = std::any_of(m_doubts.begin(), m_doubts.end(),
                                   [kind](const auto& doubt) { return doubt.first == kind; });
    if (!known) {
        m_doubts.emplace_back(kind, std::move(text));
    }
}

void SqlScript::note_not_followed(std::uint64_t line, std::string_view what) {
    note(Doubt::not_followed,
         fmt::format("{}: {} is not followed, whatever rows it may add or change", line, what));
}

/// A comment, or a line for psql, which lies in the input's text.
void SqlScript::see_aside(std::string_view line) {
    m_session.see_aside(line);
    if (!line.starts_with('\\')) {
        return;
    }
    m_header_text.clear();
    see_psql_line(line);
}

void SqlScript::see_psql_line(std::string_view line) {
    const auto offset = static_cast<std::size_t>(line.data() - m_input.text().data());
    for (const std::string_view command : psql_commands(line)) {
        if (psql_may_change_rows(command)) {
            note_not_followed(m_input.line_at(offset), command);
        } else if (command == "\\if") {
            note(Doubt::branches, fmt::format("{}: \\if is not followed: the rows of all its "
                                              "branches are read",
                                              m_input.line_at(offset)));
        }
    }
}

/// The line of a command to sqlite3, mysql and others, behind its sign.
void SqlScript::take_client_line(char sign) {
    const std::uint64_t line = m_line;
    const std::string_view rest = m_input.take_rest_of_line();
    const std::string_view command = command_that_may_change_rows(m_rules.dialect, sign, rest);
    if (!command.empty()) {
        note_not_followed(line, fmt::format("{}{}", sign, command));
    }
    if (sign == '\\' && rest.starts_with("u ")) {
        const std::size_t end = rest.find_last_not_of(" \t\r;");
        m_session.use(std::string(rest.substr(0, end + 1).substr(2)));
    }
}

/// mysqldump's warnings and the like, when they got among the dump.
bool SqlScript::skip_what_tools_say(const SqlToken& first) {
    const SqlToken kept = first;
    const std::string_view line = m_input.line_from(kept);
    if (!is_tool_message(line)) {
        return false;
    }
    if (is_tool_error(line)) {
        constexpr std::size_t k_shown = 160;
        note(Doubt::error, fmt::format("{}: rows may be missing where the program that wrote it "
                                       "says: {}{}",
                                       m_line, line.substr(0, std::min(line.find('\r'), k_shown)),
                                       line.size() <= k_shown ? "" : "…"));
    }
    m_input.unread(kept);
    m_input.take_rest_of_line();
    return true;
}

/// A statement of which only its first word is known.
void SqlScript::skip_other(const SqlToken& first) {
    const std::string word(m_input.text_of(first));
    if (m_rules.delimiter_command && is_any_sql_word(word, {"SOURCE", "SYSTEM", "QUIT", "EXIT"})) {
        note_not_followed(m_line, word);
        m_input.take_rest_of_line();
        return;
    }
    if (is_sql_word(word, "DO") && m_rules.dialect == SqlDialect::mysql) {
        collect(first);
        if (!calls_known_functions_only()) {
            note_not_followed(m_line, word);
        }
        return;
    }
    const bool brings_rows = is_any_sql_word(word, {"LOAD", "MERGE", "CALL", "EXECUTE", "EXEC",
                                                    "DO", "SOURCE", "BULK", "RESTORE"}) ||
                             (is_sql_word(word, "IMPORT") && m_rules.dialect == SqlDialect::mysql);
    const bool is_unknown = m_rules.dialect != SqlDialect::generic && !begins_any_statement(word);
    if (brings_rows || is_unknown) {
        note_not_followed(m_line, word.substr(0, 40));
    }
    m_session.see_statement(word);
    skip_statement();
}

/// Of the tokens that were collected: in MySQL a function of the user's own may write rows.
bool SqlScript::calls_known_functions_only() const {
    constexpr std::array<std::string_view, 38> k_known = {"SETVAL",
                                                          "NEXTVAL",
                                                          "LASTVAL",
                                                          "GET_LOCK",
                                                          "RELEASE_LOCK",
                                                          "RELEASE_ALL_LOCKS",
                                                          "SLEEP",
                                                          "VALUES",
                                                          "SELECT",
                                                          "WHERE",
                                                          "IS_FREE_LOCK",
                                                          "IS_USED_LOCK",
                                                          "FROM",
                                                          "EXISTS",
                                                          "IN",
                                                          "AND",
                                                          "OR",
                                                          "NOT",
                                                          "CONCAT",
                                                          "COUNT",
                                                          "MAX",
                                                          "MIN",
                                                          "LAST_INSERT_ID",
                                                          "FOUND_ROWS",
                                                          "COALESCE",
                                                          "IFNULL",
                                                          "IF",
                                                          "CAST",
                                                          "CONVERT",
                                                          "ROW_COUNT",
                                                          "NOW",
                                                          "UUID",
                                                          "RAND",
                                                          "VERSION",
                                                          "DATABASE",
                                                          "CONNECTION_ID",
                                                          "USER",
                                                          "BENCHMARK"};
    const std::string_view text = m_input.text();
    for (std::size_t i = 1; i + 1 < m_tokens.size(); ++i) {
        const SqlToken& token = m_tokens[i];
        const bool names = token.kind == SqlTokenKind::word || token.kind == SqlTokenKind::name;
        if (!names || !is_symbol(m_tokens[i + 1], '(')) {
            continue;
        }
        const std::string_view name = text.substr(token.begin, token.end - token.begin);
        if (is_symbol(m_tokens[i - 1], '.') ||
            std::none_of(k_known.begin(), k_known.end(),
                         [name](std::string_view known) { return is_sql_word(name, known); })) {
            return false;
        }
    }
    return true;
}

/// The rows of CREATE TABLE … AS SELECT are not in the dump.
void SqlScript::see_rows_of_query(SqlStatement& statement) {
    bool query = false;
    for (; !statement.ended(); statement.skip_any()) {
        query |= statement.at_word("AS") || statement.at_word("SELECT");
        if (statement.at_word("NO") && statement.at_word("DATA", 1)) {
            return;
        }
    }
    if (query) {
        note_not_followed(m_line, "CREATE TABLE … AS");
    }
}

/// A clause of ALTER TABLE with which a partition's rows come or go.
void SqlScript::see_moved_partitions(SqlStatement& statement) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> k_clauses = {{
        {"EXCHANGE", "PARTITION"},
        {"CONVERT", "PARTITION"},
        {"CONVERT", "TABLE"},
        {"DROP", "PARTITION"},
        {"TRUNCATE", "PARTITION"},
        {"IMPORT", "PARTITION"},
        {"IMPORT", "TABLESPACE"},
        {"SWITCH", "TO"},
        {"SWITCH", "PARTITION"},
    }};
    for (; !statement.ended(); statement.skip_any()) {
        for (const auto& [verb, object] : k_clauses) {
            if (statement.at_word(verb) && statement.at_word(object, 1)) {
                return note_not_followed(m_line, fmt::format("{} {}", verb, object));
            }
        }
    }
}

}  // namespace cachectl
