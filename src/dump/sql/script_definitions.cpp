// Statements that define tables or change what they hold: CREATE, ALTER, DROP, DELETE and their
// like.
#include "dump/sql/alter.hpp"
#include "dump/sql/ddl.hpp"
#include "dump/sql/script.hpp"

namespace cachectl {

std::optional<SqlScript::Found> SqlScript::alter(const SqlToken& first) {
    SqlStatement statement = collect(first);
    statement.skip();
    if (!statement.take_word("TABLE")) {
        return std::nullopt;
    }
    const std::size_t clauses = statement.place();
    const auto found = changed(alter_table(statement, m_catalog, m_session));
    statement.go_to(clauses);
    see_moved_partitions(statement);
    return found;
}

/// How an UPDATE goes on does not matter, and it may be long.
std::optional<SqlScript::Found> SqlScript::change(const SqlToken& first) {
    constexpr std::size_t k_most_tokens = 256;
    const SqlToken kept = first;
    m_tokens.assign(1, kept);
    bool ended = false;
    while (!ended && m_tokens.size() < k_most_tokens) {
        const SqlToken& token = next_within_statement();
        ended = token.kind == SqlTokenKind::terminator || token.kind == SqlTokenKind::end;
        if (ended) {
            note_terminator(token);
        } else if (!(ended = ends_before(token))) {
            m_tokens.push_back(token);
        }
    }
    SqlStatement statement = collected();
    auto change = parse_change(statement, m_catalog, m_session);
    const auto found = changed(std::move(change));
    if (!ended) {
        skip_statement();
    }
    return found;
}

std::optional<SqlScript::Found> SqlScript::transaction(const SqlToken& first) {
    m_session.see_statement(m_input.text_of(first));
    SqlStatement statement = collect(first);
    return changed(parse_transaction(statement));
}

std::optional<SqlScript::Found> SqlScript::changed(std::optional<SqlChange> change) {
    m_created = nullptr;
    if (!change) {
        return std::nullopt;
    }
    m_change = std::move(*change);
    m_change.line = m_line;
    m_change.byte = m_begin;
    return Found::changed;
}

std::optional<SqlScript::Found> SqlScript::create_table(const SqlToken& first, bool replaces) {
    SqlStatement statement = collect(first);
    statement.skip();
    const auto found =
        replaces ? changed(replace_table(statement, m_catalog, m_session)) : std::nullopt;
    const std::size_t definition = statement.place();
    m_created = cachectl::create_table(statement, m_catalog, m_session);
    statement.go_to(definition);
    see_rows_of_query(statement);
    return found ? found : m_created == nullptr ? std::nullopt : std::optional(Found::created);
}

std::optional<SqlScript::Found> SqlScript::create(const SqlToken& first) {
    // What may stand between CREATE and the kind of thing that it creates.
    const std::initializer_list<std::string_view> k_between = {
        "OR", "REPLACE", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNLOGGED", "FOREIGN"};
    std::string kind;
    bool replaces = false;
    do {
        const SqlToken& token = next_within_statement();
        if (token.kind != SqlTokenKind::word) {
            m_input.unread(token);
            kind.clear();
            break;
        }
        kind = m_input.text_of(token);
        replaces |= is_sql_word(kind, "REPLACE");
    } while (is_any_sql_word(kind, k_between));
    if (is_sql_word(kind, "TABLE")) {
        return create_table(first, replaces);
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
    } else if (is_any_sql_word(kind, {"VIEW", "INDEX", "UNIQUE", "SEQUENCE", "DATABASE",
                                      "EXTENSION", "USER", "ROLE"})) {
        skip_statement();
    } else {
        skip_whole_statement();  // routines, triggers and events have statements in them
    }
    return std::nullopt;
}

}  // namespace cachectl
