#include "dump/sql_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dump/sql_ddl.hpp"
#include "dump/sql_look.hpp"
#include "dump/sql_preamble.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> upper) {
    return std::any_of(upper.begin(), upper.end(),
                       [word](std::string_view one) { return is_sql_word(word, one); });
}

}  // namespace

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
        const auto found = begin(first);
        m_began = true;
        if (found) {
            return *found;
        }
    }
}

std::optional<SqlScript::Found> SqlScript::begin(const SqlToken& first) {
    m_line = m_input.line_at(first.begin);
    if (first.kind != SqlTokenKind::word) {
        m_header_text.clear();
        begin_without_word(first);
        return std::nullopt;
    }
    const std::string_view word = m_input.text_of(first);
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
    } else if (is_any_of(word, {"WITH", "PREPARE", "EXPLAIN", "DECLARE"})) {
        skip_whole_statement();  // an INSERT may be a part of it
    } else {
        m_session.see_statement(word);
        skip_statement();
    }
    return std::nullopt;
}

/// mysqldump's warnings and the like, when they got among the dump.
bool SqlScript::skip_what_tools_say(const SqlToken& first) {
    const SqlToken kept = first;
    if (!is_tool_message(m_input.line_from(kept))) {
        return false;
    }
    m_input.unread(kept);
    m_input.take_rest_of_line();
    return true;
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
            m_input.take_rest_of_line();
            return;
        }
    }
    const bool procedure = kept.kind == SqlTokenKind::name && m_rules.go_lines;
    bool query = false;
    if (kept.kind == SqlTokenKind::symbol && kept.symbol == '(') {
        const SqlToken next = m_input.next();
        m_input.unread(next);
        query = (next.kind == SqlTokenKind::symbol && next.symbol == '(') ||
                is_any_of(m_input.text_of(next), {"SELECT", "WITH", "VALUES", "TABLE"});
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
    return {m_input.text(), m_tokens, m_rules};
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
    } else if (is_any_of(kind, {"VIEW", "INDEX", "UNIQUE", "SEQUENCE", "DATABASE", "EXTENSION",
                                "USER", "ROLE"})) {
        skip_statement();
    } else {
        skip_whole_statement();  // routines, triggers and events have statements in them
    }
    return std::nullopt;
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
    const bool values = is_any_of(rows_from, {"VALUES", "VALUE"});
    if (m_header.columns.empty() && statement.at_symbol('(') && statement.at_symbol(')', 1)) {
        statement.skip_brackets();  // MySQL's INSERT INTO t () VALUES ()
    }
    const bool query = statement.at_symbol('(') && statement.at_word("SELECT", 1);
    const bool understood =
        !m_header.path.empty() && (!values || statement.ended() ||
                                   statement.at_word("OVERRIDING") || statement.at_word("OUTPUT"));
    // SQL Server's variables and temporary tables, INSERT @t and INSERT #t, are no tables.
    if (!understood && m_header.path.empty() && m_rules.go_lines) {
        skip_statement();
        return std::nullopt;
    }
    if (!understood) {
        m_input.fail_at(m_header.line, m_header.byte, "this INSERT cannot be understood");
    }
    if (values) {
        m_header_text = m_input.text().substr(first.begin, last.end - first.begin);
    } else {
        m_header.instead = query                             ? "SELECT"
                           : last.kind == SqlTokenKind::word ? rows_from
                                                             : "nothing";
        skip_statement();
    }
    return Found::tuples;
}

std::string SqlScript::end_tuples(const SqlToken& token) {
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
        !is_any_of(text, {"ON", "RETURNING", "AS"})) {
        m_input.unread(kept);  // SQL Server's scripts need no terminator
        return {};
    }
    if (word && is_any_of(text, {"ON", "RETURNING", "AS"})) {
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
    return fmt::format(
        "'{}' stands behind the row before, where ',' or ';' should be; what follows "
        "up to the end of the statement was not read",
        text.substr(0, 40));
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
