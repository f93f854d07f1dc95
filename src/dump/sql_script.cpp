#include "dump/sql_script.hpp"

#include <algorithm>
#include <array>

#include "dump/sql_ddl.hpp"

namespace cachectl {

SqlScript::SqlScript(Source& source, const SqlRules& rules, std::size_t max_bytes,
                     SqlEscapes escapes)
    : m_rules(rules),
      m_input(source, rules, max_bytes),
      m_session(m_input, escapes),
      m_catalog(rules) {
    m_input.lexer().on_aside([this](std::string_view line) {
        m_session.see_aside(line);
        if (line.starts_with('\\')) {
            m_header_text.clear();
        }
    });
}

void SqlScript::fail_cut() const {
    m_input.fail_at_end("the input ends in the middle of a statement: was the dump cut?");
}

void SqlScript::note_terminator(const SqlToken& token) {
    m_saw_semicolon |= m_input.text_of(token) == ";";
    m_saw_go |= is_sql_word(m_input.text_of(token), "GO");
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
                m_input.fail_at_end("the line with which such a dump ends is missing: was it cut?");
            }
            return Found::end;
        }
        if (first.kind == SqlTokenKind::terminator) {
            note_terminator(first);
            continue;
        }
        if (const auto found = begin(first)) {
            return *found;
        }
    }
}

std::optional<SqlScript::Found> SqlScript::begin(const SqlToken& first) {
    const std::string_view word = m_input.text_of(first);
    const auto is = [&](std::string_view upper) {
        return first.kind == SqlTokenKind::word && is_sql_word(word, upper);
    };
    if (is("INSERT") || is("REPLACE")) {
        return insert(first);
    }
    m_header_text.clear();
    if (m_rules.delimiter_command && is("DELIMITER")) {
        set_delimiter(m_input.take_rest_of_line());
    } else if (is("CREATE")) {
        return create(first);
    } else if (is("COPY")) {
        return copy(first);
    } else if (is("ALTER")) {
        SqlStatement statement = collect(first);
        statement.skip();
        if (statement.take_word("TABLE")) {
            alter_table(statement, m_catalog, m_session);
        }
    } else if (is("SET")) {
        SqlStatement statement = collect(first);
        statement.skip();
        m_session.set(statement);
    } else if (is("USE")) {
        SqlStatement statement = collect(first);
        statement.skip();
        m_session.use(statement.take_name().value_or(std::string()));
    } else {
        m_session.see_statement(word);
        skip_statement();
    }
    return std::nullopt;
}

SqlStatement SqlScript::collect(const SqlToken& first) {
    m_tokens.assign(1, first);
    const bool is_set = is_sql_word(m_input.text_of(first), "SET");
    while (true) {
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end) {
            note_terminator(token);
            break;
        }
        // SQL Server's SET IDENTITY_INSERT has no terminator before the INSERT.
        if (is_set && m_rules.go_lines && is_sql_word(m_input.text_of(token), "INSERT")) {
            m_input.unread(token);
            break;
        }
        m_tokens.push_back(token);
    }
    return {m_input.text(), m_tokens, m_rules};
}

void SqlScript::skip_statement() {
    while (true) {
        m_input.drop_if_long();
        const SqlToken& token = next_within_statement();
        if (token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end) {
            note_terminator(token);
            return;
        }
    }
}

void SqlScript::set_delimiter(std::string_view rest) {
    constexpr std::string_view k_blank = " \t\r";
    const std::size_t begin = rest.find_first_not_of(k_blank);
    if (begin != std::string_view::npos) {
        m_input.lexer().set_delimiter(
            rest.substr(begin, rest.find_first_of(k_blank, begin) - begin));
    }
}

std::optional<SqlScript::Found> SqlScript::create(const SqlToken& first) {
    // What may stand between CREATE and the kind of thing that it creates.
    constexpr std::array<std::string_view, 8> k_between = {
        "OR", "REPLACE", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNLOGGED", "FOREIGN"};
    std::string kind;
    do {
        const SqlToken& token = next_within_statement();
        if (token.kind != SqlTokenKind::word) {
            m_input.unread(token);
            kind.clear();
            break;
        }
        kind = m_input.text_of(token);
    } while (std::any_of(k_between.begin(), k_between.end(),
                         [&](std::string_view word) { return is_sql_word(kind, word); }));
    if (is_sql_word(kind, "TABLE")) {
        SqlStatement statement = collect(first);
        statement.skip();
        m_created = create_table(statement, m_catalog, m_session);
        return m_created == nullptr ? std::nullopt : std::optional(Found::created);
    }
    if (is_sql_word(kind, "DOMAIN")) {
        SqlStatement statement = collect(first);
        statement.skip();
        create_domain(statement, m_catalog);
    } else if (is_sql_word(kind, "TYPE")) {
        SqlStatement statement = collect(first);
        statement.skip();
        create_type(statement, m_catalog);
    } else if (is_sql_word(kind, "TRIGGER") && m_rules.dialect == SqlDialect::sqlite) {
        skip_trigger();
    } else if ((is_sql_word(kind, "FUNCTION") || is_sql_word(kind, "PROCEDURE") ||
                is_sql_word(kind, "RULE")) &&
               m_rules.dialect == SqlDialect::postgres) {
        skip_routine();
    } else {
        skip_statement();
    }
    return std::nullopt;
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
    SqlStatement statement(m_input.text(), m_tokens, m_rules);
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
    m_header = {.path = path.empty() ? path : m_session.qualify(std::move(path)),
                .columns = statement.take_names(),
                .line = m_input.line_at(first.begin),
                .byte = m_input.byte_at(first.begin)};
    if (m_header.path.empty()) {
        skip_statement();
        return std::nullopt;
    }
    if (is_sql_word(rows_from, "VALUES") || is_sql_word(rows_from, "VALUE")) {
        m_header_text = m_input.text().substr(first.begin, last.end - first.begin);
    } else {
        m_header.instead = last.kind == SqlTokenKind::word ? rows_from : "nothing";
        skip_statement();
    }
    return Found::tuples;
}

void SqlScript::end_tuples(const SqlToken& token) {
    if (token.kind == SqlTokenKind::terminator) {
        note_terminator(token);
    } else if (token.kind == SqlTokenKind::word && is_sql_word(m_input.text_of(token), "INSERT")) {
        m_input.unread(token);  // SQL Server's scripts need no terminator
    } else if (token.kind == SqlTokenKind::end) {
        if (!ends_bare()) {
            fail_cut();
        }
    } else {
        skip_statement();
    }
}

std::optional<SqlScript::Found> SqlScript::copy(const SqlToken& first) {
    SqlStatement statement = collect(first);
    statement.skip();
    auto path = statement.take_path();
    m_header = {.columns = statement.take_names(),
                .line = m_input.line_at(first.begin),
                .byte = m_input.byte_at(first.begin)};
    if (path.empty() || !statement.take_word("FROM") || !statement.take_word("STDIN")) {
        return std::nullopt;
    }
    m_header.path = m_session.qualify(std::move(path));
    m_same_header = false;
    if (!statement.ended()) {
        m_header.instead = statement.text();
    }
    m_input.take_rest_of_line();
    return Found::copy;
}

}  // namespace cachectl
