// Statements that hold rows: INSERT and COPY, up to these and behind them.
#include <fmt/format.h>

#include "dump/sql/script.hpp"

namespace cachectl {

std::optional<SqlScript::Found> SqlScript::insert(const SqlToken& first) {
    const std::string_view word = m_input.text_of(first);
    m_same_header = m_header_text.starts_with(word) &&
                    m_input.skip_known(std::string_view(m_header_text).substr(word.size()));
    if (m_same_header) {
        return Found::tuples;
    }
    m_header_text.clear();
    m_tokens.assign(1, first);
    int depth = 0;
    while (true) {
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end) {
            m_input.unread(token);
            return parse_insert(first, token);
        }
        if (token.kind == SqlTokenKind::symbol) {
            depth += token.symbol == '(' ? 1 : token.symbol == ')' ? -1 : 0;
        }
        if (token.kind == SqlTokenKind::word && depth == 0) {
            for (const std::string_view source :
                 {"VALUES", "VALUE", "SELECT", "SET", "DEFAULT", "WITH", "EXEC"}) {
                if (is_sql_word(m_input.text_of(token), source) &&
                    (source != "VALUE" || m_rules.dialect == SqlDialect::mysql)) {
                    return parse_insert(first, token);
                }
            }
        }
        m_tokens.push_back(token);
    }
}

/// The INSERT from its first token up to what its rows come from.
std::optional<SqlScript::Found> SqlScript::parse_insert(const SqlToken& first,
                                                        const SqlToken& last) {
    const std::string_view rows_from = m_input.text_of(last);
    SqlStatement statement = collected();
    statement.skip();
    if (statement.take_word("OR")) {
        statement.skip();
    }
    for (const std::string_view word :
         {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"}) {
        statement.take_word(word);
    }
    auto path = statement.take_path();
    if (statement.take_word("PARTITION")) {
        statement.skip_brackets();
    }
    if (statement.take_word("AS")) {
        statement.take_name();
    }
    m_header = {.path = path.empty() ? path : m_session.resolve(std::move(path), m_catalog),
                .columns = statement.take_names(),
                .line = m_input.line_at(first.begin),
                .byte = m_input.byte_at(first.begin)};
    const bool values = is_any_sql_word(rows_from, {"VALUES", "VALUE"});
    if (m_header.columns.empty() && statement.at_symbol('(') && statement.at_symbol(')', 1)) {
        statement.skip_brackets();  // MySQL's INSERT INTO t () VALUES ()
    }
    const bool query = statement.at_symbol('(') && statement.at_word("SELECT", 1);
    const bool understood =
        !m_header.path.empty() && (!values || statement.ended() ||
                                   statement.at_word("OVERRIDING") || statement.at_word("OUTPUT"));
    // SQL Server's variables and temporary tables, INSERT @t and INSERT #t, are no tables.
    if (!understood && m_header.path.empty() && m_rules.go_lines && !statement.ended()) {
        skip_statement();
        return std::nullopt;
    }
    if (!understood) {
        m_input.fail_at(m_header.line, m_header.byte, "this INSERT cannot be understood");
    }
    if (is_sql_word(rows_from, "SET") && m_rules.dialect == SqlDialect::mysql &&
        statement.ended()) {
        m_header.assigns = true;
    } else if (values) {
        m_header_text = m_input.text().substr(first.begin, last.end - first.begin);
    } else {
        m_header.instead = query                             ? "SELECT"
                           : last.kind == SqlTokenKind::word ? rows_from
                                                             : "nothing";
        skip_statement();
    }
    return Found::tuples;
}

RowResult<> SqlScript::end_tuples(const SqlToken& token) {
    const SqlToken kept = token;
    if (kept.kind == SqlTokenKind::terminator) {
        note_terminator(kept);
        return {};
    }
    if (kept.kind == SqlTokenKind::end) {
        if (!ends_bare()) {
            fail_cut();
        }
        return {};
    }
    const std::string text(m_input.text_of(kept));
    const bool word = kept.kind == SqlTokenKind::word;
    if (word && m_rules.go_lines && (is_sql_word(text, "INSERT") || begins_line(kept)) &&
        !is_any_sql_word(text, {"ON", "RETURNING", "AS"})) {
        m_input.unread(kept);  // SQL Server's scripts need no terminator
        return {};
    }
    if (word && is_any_sql_word(text, {"ON", "RETURNING", "AS"})) {
        skip_statement();
        return {};
    }
    while (!begins_statement(m_input.token())) {
        m_input.drop_if_long();
        const SqlToken& next = next_within_statement();
        if (next.kind == SqlTokenKind::terminator || next.kind == SqlTokenKind::end) {
            note_terminator(next);
            break;
        }
    }
    if (m_input.token().kind == SqlTokenKind::word) {
        m_input.unread(m_input.token());
    }
    return BadRow{
        fmt::format("'{}' stands behind the row before, where ',' or ';' should be; what follows "
                    "up to the end of the statement was not read",
                    text.substr(0, 40))};
}

std::optional<SqlScript::Found> SqlScript::copy(const SqlToken& first) {
    SqlStatement statement = collect(first);
    statement.skip();
    auto path = statement.take_path();
    m_header = {.columns = statement.take_names(),
                .line = m_input.line_at(first.begin),
                .byte = m_input.byte_at(first.begin)};
    if (path.empty() || !statement.take_word("FROM")) {
        return std::nullopt;
    }
    m_header.path = m_session.resolve(std::move(path), m_catalog);
    m_same_header = false;
    if (!statement.take_word("STDIN")) {
        // The rows are elsewhere; what comes next is a statement.
        m_header.instead = "a file";
        return Found::tuples;
    }
    const std::string options(statement.ended() ? std::string_view() : statement.text());
    if (auto format = parse_copy_options(statement)) {
        m_header.copy = std::move(*format);
    } else {
        m_header.instead = options;
    }
    m_input.take_rest_of_line();
    return Found::copy;
}

}  // namespace cachectl
