#include "dump/sql/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dump/sql/literal.hpp"

namespace cachectl {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower_ascii);
    return result;
}

bool has_mode(std::string_view modes, std::string_view wanted) {
    while (!modes.empty()) {
        const std::size_t comma = std::min(modes.find(','), modes.size());
        if (is_sql_word(modes.substr(0, comma), wanted)) {
            return true;
        }
        modes.remove_prefix(std::min(comma + 1, modes.size()));
    }
    return false;
}

/// A word or a string as a value: `on`, 'on', @OLD_SQL_MODE.
std::string take_value(SqlStatement& statement) {
    auto value = statement.take_name();
    if (!value) {
        statement.skip();
    }
    return value.value_or(std::string());
}

}  // namespace

SqlSession::SqlSession(SqlInput& input, SqlEscapes escapes) : m_input(input), m_escapes(escapes) {
    if (escapes != SqlEscapes::automatic) {
        input.lexer().set_backslash_escapes(escapes == SqlEscapes::backslash);
    }
}

void SqlSession::set(SqlStatement& statement) {
    while (!statement.ended()) {
        set_one(statement);
        while (!statement.ended() && !statement.take_symbol(',')) {
            statement.skip();
        }
    }
}

void SqlSession::set_one(SqlStatement& statement) {
    for (const std::string_view scope : {"SESSION", "LOCAL", "GLOBAL"}) {
        statement.take_word(scope);
    }
    const bool character_set = statement.at_word("CHARACTER") && statement.at_word("SET", 1);
    if (character_set) {
        statement.take_words({"CHARACTER", "SET"});
    }
    if (character_set || statement.take_words({"NAMES", "CHARSET"})) {
        set_encoding(take_value(statement));
        return;
    }
    if (statement.take_word("SCHEMA")) {  // SQL's own way to say it, and PostgreSQL's
        set_search_path(take_value(statement), statement);
        return;
    }
    const std::string variable = lower(take_value(statement));
    statement.take_symbol(':');
    if (!statement.take_symbol('=') && !statement.take_word("TO")) {
        return;
    }
    const std::string value = take_value(statement);
    if (variable == "standard_conforming_strings" && m_escapes == SqlEscapes::automatic) {
        m_input.lexer().set_backslash_escapes(is_sql_word(value, "OFF"));
    } else if (variable == "client_encoding" || variable == "character_set_client" ||
               variable == "@@character_set_client") {
        set_encoding(value);
    } else if (variable == "search_path") {
        set_search_path(value, statement);
    } else if (variable == "sql_mode" || variable == "@@sql_mode") {
        const auto saved = m_saved.find(lower(value));
        set_sql_mode(saved == m_saved.end() ? value : saved->second);
    } else if (variable.starts_with('@') && is_sql_word(value, "@@SQL_MODE")) {
        m_saved.insert_or_assign(variable, m_sql_mode);
    } else if (variable.starts_with('@') && is_sql_word(value, "@@CHARACTER_SET_CLIENT")) {
        m_saved.insert_or_assign(variable, m_encoding.name());
    }
}

void SqlSession::set_sql_mode(std::string_view mode) {
    if (m_input.lexer().rules().dialect != SqlDialect::mysql) {
        return;
    }
    m_sql_mode = mode;
    m_input.lexer().set_ansi_quotes(has_mode(mode, "ANSI") || has_mode(mode, "ANSI_QUOTES"));
    if (m_escapes == SqlEscapes::automatic) {
        m_input.lexer().set_backslash_escapes(!has_mode(mode, "NO_BACKSLASH_ESCAPES"));
    }
}

void SqlSession::set_encoding(std::string_view name) {
    if (name.starts_with('@')) {
        const auto saved = m_saved.find(lower(name));
        const bool known = saved != m_saved.end() && !saved->second.empty();
        name = known ? std::string_view(saved->second) : "UTF8";
    }
    const SqlDialect dialect = m_input.lexer().rules().dialect;
    if (name.empty() || m_encoding.set(name, dialect)) {
        return;
    }
    m_input.fail(0, fmt::format("the dump is in {}, which cannot be converted to UTF-8", name),
                 dialect == SqlDialect::mysql ? "dump with --default-character-set=utf8mb4"
                                              : "dump with pg_dump -E UTF8");
}

void SqlSession::see_statement(std::string_view word) {
    if (m_input.lexer().rules().dialect == SqlDialect::sqlite) {
        m_in_transaction |= is_sql_word(word, "BEGIN");
        m_in_transaction &= !is_sql_word(word, "COMMIT") && !is_sql_word(word, "END");
        m_rolled_back = m_in_transaction && is_sql_word(word, "ROLLBACK");
    }
}

std::string_view SqlSession::end() const noexcept {
    switch (m_input.lexer().rules().dialect) {
        case SqlDialect::sqlite:
            return "COMMIT;";
        case SqlDialect::mysql:
            return "-- Dump completed";
        default:
            return "-- PostgreSQL database dump complete";
    }
}

void SqlSession::see_aside(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
        line.remove_suffix(1);
    }
    if (line.starts_with("\\connect ")) {
        connect(line.substr(9));
    } else if (line == "-- PostgreSQL database dump" ||
               line == "-- PostgreSQL database cluster dump" ||
               line.starts_with("-- MySQL dump ") || line.starts_with("-- MariaDB dump ")) {
        ++m_awaited_ends;
    } else if (line == "-- PostgreSQL database dump complete" ||
               line == "-- PostgreSQL database cluster dump complete" ||
               line.starts_with("-- Dump completed")) {
        --m_awaited_ends;
    }
}

/// psql then has a new session, in another database.
void SqlSession::connect(std::string_view target) {
    if (const std::size_t name = target.find("dbname="); name != std::string_view::npos) {
        target = target.substr(name + 7);
    }
    constexpr std::string_view k_quotes = "'\"\\ ";
    target = target.substr(std::min(target.find_first_not_of(k_quotes), target.size()));
    m_database = target.substr(0, target.find_last_not_of(k_quotes) + 1);
    m_schemas.clear();
    m_any_user = false;
    m_default_schema = true;
    if (m_escapes == SqlEscapes::automatic) {
        m_input.lexer().set_backslash_escapes(m_input.lexer().rules().backslash_escapes);
    }
}

void SqlSession::use(const std::string& database) {
    m_schemas.assign(database.empty() ? 0 : 1, database);
    m_default_schema = false;
}

/// Behind its first schema. Nothing is ever created in pg_catalog, and a schema named after the
/// user is rare, so that what is created goes into the next one.
void SqlSession::set_search_path(std::string first, SqlStatement& statement) {
    m_schemas.clear();
    m_any_user = false;
    m_default_schema = is_sql_word(first, "DEFAULT");
    while (!m_default_schema) {
        m_any_user |= first == "$user";
        if (!first.empty() && first != "$user" && first != "pg_catalog") {
            m_schemas.push_back(std::move(first));
        }
        if (!statement.take_symbol(',')) {
            break;
        }
        first = take_value(statement);
    }
}

std::vector<std::string> SqlSession::within(const std::string& schema,
                                            const std::string& name) const {
    std::vector<std::string> path = {name};
    if (!schema.empty()) {
        path.insert(path.begin(), schema);
    }
    if (!m_database.empty()) {
        path.insert(path.begin(), m_database);
    }
    return path;
}

std::vector<std::string> SqlSession::qualify(std::vector<std::string> path) const {
    if (path.size() == 1) {
        return within(m_schemas.empty() ? std::string() : m_schemas.front(), path.front());
    }
    if (!m_database.empty()) {
        path.insert(path.begin(), m_database);
    }
    return path;
}

std::vector<std::string> SqlSession::resolve(std::vector<std::string> path,
                                             SqlCatalog& catalog) const {
    const std::string_view usual = catalog.rules().default_schema;
    const auto is_there = [&](const auto& one) { return catalog.find_exactly(one) != nullptr; };
    if (path.size() == 2 && path.front() == usual && !is_there(qualify(path)) &&
        is_there(within({}, path.back()))) {
        return within({}, path.back());  // it was created when nothing was said of schemas
    }
    if (path.size() != 1) {
        return qualify(std::move(path));
    }
    for (const std::string& schema : m_schemas) {
        if (auto here = within(schema, path.front()); is_there(here)) {
            return here;
        }
    }
    if (auto here = within({}, path.front()); is_there(here)) {
        return here;
    }
    if (auto here = within(std::string(usual), path.front()); m_default_schema && is_there(here)) {
        return here;
    }
    if (const SqlTable* only = m_any_user ? catalog.find(path) : nullptr) {
        return only->path;
    }
    return qualify(std::move(path));
}

SqlTable* SqlSession::find(std::vector<std::string> path, SqlCatalog& catalog) const {
    return path.empty() ? nullptr : catalog.find(resolve(std::move(path), catalog));
}

SqlTable* SqlSession::find_or_add(std::vector<std::string> path, SqlCatalog& catalog) const {
    if (path.empty()) {
        return nullptr;
    }
    path = resolve(std::move(path), catalog);
    const bool is_new = catalog.find(path) == nullptr;
    SqlTable& table = catalog.get(path);
    table.only_named |= is_new;
    return &table;
}

void SqlSession::rename(SqlTable& table, std::vector<std::string> path) const {
    if (path.size() == 1) {
        table.path.back() = std::move(path.front());
    } else if (!path.empty()) {
        table.path = qualify(std::move(path));
    }
}

}  // namespace cachectl
