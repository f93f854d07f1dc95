#include "dump/sql/script.hpp"

#include <fmt/format.h>

#include "dump/sql/characters.hpp"
#include "dump/sql/look.hpp"

namespace cachectl {

SqlScript::SqlScript(Source& source, SqlCatalog& catalog, std::size_t max_bytes, SqlEscapes escapes)
    : m_rules(catalog.rules()),
      m_input(source, m_rules, max_bytes),
      m_session(m_input, escapes),
      m_catalog(catalog) {
    m_input.lexer().on_aside([this](std::string_view line) { see_aside(line); });
}

void SqlScript::fail_cut() const {
    m_input.fail_at_end("the input ends in the middle of a statement: was the dump cut?");
}

void SqlScript::fail_without_end() const {
    if (m_session.rolled_back()) {
        m_input.fail_at_end(
            "the dump ends with ROLLBACK, as sqlite3 writes it when it met errors in the database: "
            "rows are missing",
            "sqlite3 FILE .recover writes what is left of a damaged database");
    }
    m_input.fail_at_end(
        "the line with which such a dump ends is missing: was it cut?",
        fmt::format("if the file is whole and was edited, end it with the line \"{}\"",
                    m_session.end()));
}

void SqlScript::note_terminator(const SqlToken& token) {
    m_saw_semicolon |= m_input.text_of(token) == ";";
    m_saw_go |= is_sql_word(m_input.text_of(token), "GO");
    if (m_rules.meta_commands && m_input.text_of(token).starts_with('\\')) {
        see_psql_line(m_input.text_of(token));
    }
}

/// The next token, of a statement that needs a terminator.
const SqlToken& SqlScript::next_within_statement() {
    const SqlToken& token = m_input.next();
    // In scripts for SQL Server no statement needs one.
    if (token.kind == SqlTokenKind::end && !ends_bare()) {
        fail_cut();
    }
    return token;
}

SqlScript::Found SqlScript::next() {
    while (true) {
        m_input.drop();
        const SqlToken first = m_input.next();
        if (first.kind == SqlTokenKind::end) {
            if (m_session.lacks_end()) {
                fail_without_end();
            }
            return Found::end;
        }
        if (first.kind == SqlTokenKind::terminator) {
            note_terminator(first);
            continue;
        }
        const auto found = begin(first);
        m_began = true;
        if (found) {
            return *found;
        }
    }
}

std::optional<SqlScript::Found> SqlScript::begin(const SqlToken& first) {
    m_line = m_input.line_at(first.begin);
    m_begin = m_input.byte_at(first.begin);
    if (first.kind != SqlTokenKind::word) {
        m_header_text.clear();
        begin_without_word(first);
        return std::nullopt;
    }
    std::string_view word = m_input.text_of(first);
    const auto is = [&](std::string_view upper) {
        return first.kind == SqlTokenKind::word && is_sql_word(word, upper);
    };
    if (is("INSERT") || is("REPLACE")) {
        return insert(first);
    }
    m_header_text.clear();
    if (word.starts_with(k_byte_order_mark)) {  // two files were joined
        SqlToken behind = first;
        behind.begin += k_byte_order_mark.size();
        m_input.unread(behind);
        return std::nullopt;
    }
    if (skip_what_tools_say(first)) {
        return std::nullopt;
    }
    word = m_input.text_of(first);  // to look at the line has moved it
    if (!is_ascii(word) || (!m_began && !begins_any_statement(word))) {
        fail_begin(first);
    }
    if (m_rules.delimiter_command && is("DELIMITER")) {
        set_delimiter(m_input.take_rest_of_line());
    } else if (is("CREATE")) {
        return create(first);
    } else if (is("COPY")) {
        return copy(first);
    } else if (is("ALTER")) {
        return alter(first);
    } else if (begins_change(word)) {
        return change(first);
    } else if (begins_transaction(word)) {
        return transaction(first);
    } else if (is("SET")) {
        SqlStatement statement = collect(first);
        statement.skip();
        m_session.set(statement);
    } else if (is("USE")) {
        SqlStatement statement = collect(first);
        statement.skip();
        m_session.use(statement.take_name().value_or(std::string()));
    } else if (is_any_sql_word(word, {"WITH", "PREPARE", "EXPLAIN", "DECLARE"})) {
        if (is("WITH")) {
            note_not_followed(m_line, word);
        }
        skip_whole_statement();  // an INSERT may be a part of it
    } else {
        skip_other(first);
    }
    return std::nullopt;
}

void SqlScript::fail_begin(const SqlToken& first) const {
    const std::string_view text = m_input.text_of(first);
    // What is no SQL at all shows at once.
    m_input.fail_at(m_line, m_input.byte_at(first.begin),
                    fmt::format("no statement begins with '{}'", text.substr(0, 40)),
                    m_began ? ""
                            : "--table, --dialect and a name in *.sql mean SQL; if it is something "
                              "else, say --format csv, tsv, json or ndjson");
}

void SqlScript::begin_without_word(const SqlToken& first) {
    const SqlToken kept = first;
    if (skip_what_tools_say(kept)) {
        return;
    }
    if (kept.kind == SqlTokenKind::symbol) {
        // Commands to sqlite3, sqlcmd, SQL*Plus and mysql.
        const bool dotted = kept.symbol == '.' && m_rules.dialect == SqlDialect::sqlite;
        const bool others = (kept.symbol == '/' || kept.symbol == ':' || kept.symbol == '@' ||
                             kept.symbol == '.') &&
                            m_rules.dialect == SqlDialect::generic;
        if (dotted || others || (kept.symbol == '\\' && m_rules.delimiter_command)) {
            take_client_line(kept.symbol);
            return;
        }
    }
    const bool procedure = kept.kind == SqlTokenKind::name && m_rules.go_lines;
    bool query = false;
    if (kept.kind == SqlTokenKind::symbol && kept.symbol == '(') {
        const SqlToken next = m_input.next();
        m_input.unread(next);
        query = (next.kind == SqlTokenKind::symbol && next.symbol == '(') ||
                is_any_sql_word(m_input.text_of(next), {"SELECT", "WITH", "VALUES", "TABLE"});
    }
    if (!procedure && !query) {
        fail_begin(kept);
    }
    skip_statement();
}

SqlStatement SqlScript::collect(const SqlToken& first) {
    m_tokens.assign(1, first);
    while (true) {
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end) {
            note_terminator(token);
            break;
        }
        if (ends_before(token)) {
            break;
        }
        m_tokens.push_back(token);
    }
    return collected();
}

void SqlScript::set_delimiter(std::string_view rest) {
    constexpr std::string_view k_blank = " \t\r";
    const std::size_t begin = rest.find_first_not_of(k_blank);
    if (begin != std::string_view::npos) {
        m_input.lexer().set_delimiter(
            rest.substr(begin, rest.find_first_of(k_blank, begin) - begin));
    }
}

}  // namespace cachectl
