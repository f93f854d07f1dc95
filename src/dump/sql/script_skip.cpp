// How a script gets past statements, and where they end.
#include <fmt/format.h>

#include "dump/sql/characters.hpp"
#include "dump/sql/script.hpp"

namespace cachectl {

void SqlScript::skip_statement() { skip(Within::no_statement); }

void SqlScript::skip_whole_statement() { skip(Within::statements); }

void SqlScript::skip(Within within) {
    while (true) {
        m_input.drop_if_long();
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end) {
            note_terminator(token);
            return;
        }
        if (within == Within::no_statement && ends_before(token)) {
            return;
        }
    }
}

bool SqlScript::begins_line(const SqlToken& token) const {
    const std::string_view before = m_input.text().substr(0, token.begin);
    const std::size_t last = before.find_last_not_of(" \t\r");
    return last != std::string_view::npos && before[last] == '\n';
}

/// Is the token, the input's last one, where a statement with rows or a CREATE TABLE begins? It is
/// the last one afterwards, too.
bool SqlScript::begins_statement(SqlToken token) {
    if (token.kind != SqlTokenKind::word) {
        return false;
    }
    std::string_view word = m_input.text_of(token);
    word.remove_prefix(word.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0);
    const bool insert = is_sql_word(word, "INSERT");
    const bool replace = is_sql_word(word, "REPLACE");
    const bool create = is_sql_word(word, "CREATE") && begins_line(token);
    const bool copy = is_sql_word(word, "COPY") && !m_rules.delimiter_command && begins_line(token);
    if (!insert && !replace && !create && !copy) {
        return false;
    }
    const SqlToken next = m_input.next();
    m_input.unread(token);
    m_input.next();
    const std::string_view second = m_input.text_of(next);
    const bool names_something = next.kind == SqlTokenKind::word || next.kind == SqlTokenKind::name;
    if (insert) {
        return is_any_sql_word(second,
                               {"INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"}) ||
               (is_sql_word(second, "OR") && m_rules.dialect == SqlDialect::sqlite) ||
               (m_rules.go_lines && names_something && begins_line(token));
    }
    return (replace && is_sql_word(second, "INTO")) ||
           (create && is_any_sql_word(second, {"TABLE", "UNLOGGED", "TEMPORARY"})) ||
           (copy && names_something);
}

/// If another statement begins at the token, the input's last one: the one at hand ends before it
/// where none needs a terminator, as in SQL Server's scripts; elsewhere it is broken.
bool SqlScript::ends_before(const SqlToken& token) {
    const SqlToken kept = token;
    if (!begins_statement(kept)) {
        return false;
    }
    if (!m_rules.go_lines) {
        m_input.fail_at(
            m_input.line_at(kept.begin), m_input.byte_at(kept.begin),
            fmt::format("a statement begins here before the one of line {} has ended", m_line),
            "is a ';' missing before it?");
    }
    m_input.unread(kept);
    return true;
}

/// SQLite's triggers hold statements: the end is "; END ;", as in sqlite3_complete().
void SqlScript::skip_trigger() {
    enum class Seen { other, semicolon, end };
    auto seen = Seen::other;
    while (true) {
        m_input.drop_if_long();
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator) {
            if (seen == Seen::end) {
                return;
            }
            seen = Seen::semicolon;
        } else {
            const bool end = token.kind == SqlTokenKind::word && seen == Seen::semicolon &&
                             is_sql_word(m_input.text_of(token), "END");
            seen = end ? Seen::end : Seen::other;
        }
    }
}

/// PostgreSQL's BEGIN ATOMIC … END holds statements too, and so does CREATE RULE … DO (…; …):
/// psql counts BEGIN, CASE and END, and parentheses.
void SqlScript::skip_routine() {
    int depth = 0;
    int brackets = 0;
    while (true) {
        m_input.drop_if_long();
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator && depth == 0 && brackets == 0) {
            note_terminator(token);
            return;
        }
        if (token.kind == SqlTokenKind::symbol) {
            brackets += token.symbol == '(' ? 1 : token.symbol == ')' ? -1 : 0;
        }
        if (token.kind == SqlTokenKind::word) {
            const std::string_view word = m_input.text_of(token);
            const bool opens =
                is_sql_word(word, "BEGIN") || (depth > 0 && is_sql_word(word, "CASE"));
            depth += opens ? 1 : depth > 0 && is_sql_word(word, "END") ? -1 : 0;
        }
    }
}

}  // namespace cachectl
