#include "dump/sql/change.hpp"

#include <algorithm>

namespace cachectl {

namespace {

enum class Children { no, yes };

/// The table and those whose rows are its rows; none for nullptr.
void add(SqlChange& change, SqlTable* table, SqlCatalog& catalog,
         Children children = Children::yes) {
    if (table == nullptr) {
        return;
    }
    change.tables.push_back({table, table->path});
    for (SqlTable& part : catalog.tables()) {
        if (children == Children::yes && part.descends_from(*table)) {
            change.tables.push_back({&part, part.path});
        }
    }
}

/// "a, b": up to the first token that belongs to no list of names.
void add_list(SqlChange& change, SqlStatement& statement, SqlCatalog& catalog,
              const SqlSession& session) {
    do {
        const auto children = statement.take_word("ONLY") ? Children::no : Children::yes;
        add(change, session.find(statement.take_path(), catalog), catalog, children);
        statement.take_symbol('*');
    } while (statement.take_symbol(','));
}

SqlChange drop(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    SqlChange change{SqlChange::Kind::dropped, "DROP TABLE", {}};
    statement.take_words({"TEMPORARY"});
    const bool table = statement.take_words({"TABLE", "TABLES"});
    if (!table && !statement.take_words({"DATABASE", "SCHEMA"})) {
        return change;
    }
    statement.take_words({"IF", "EXISTS"});
    if (table) {
        add_list(change, statement, catalog, session);
    } else if (const auto schema = statement.take_name()) {
        change.statement = "DROP of " + *schema;
        for (SqlTable& one : catalog.tables()) {
            const bool within = std::any_of(
                one.path.begin(), one.path.end() - 1,
                [&](const auto& part) { return same_name(part, *schema, catalog.rules()); });
            if (within && !one.dropped) {
                change.tables.push_back({&one, one.path});
            }
        }
    }
    for (const auto& gone : change.tables) {
        gone.table->drop();
    }
    return change;
}

SqlChange erase(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    SqlChange change{SqlChange::Kind::edited, "DELETE", {}};
    statement.take_words({"LOW_PRIORITY", "QUICK", "IGNORE", "FROM"});
    add_list(change, statement, catalog, session);
    if (statement.ended()) {
        change.kind = SqlChange::Kind::emptied;
    }
    return change;
}

SqlChange update(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    SqlChange change{SqlChange::Kind::edited, "UPDATE", {}};
    if (statement.take_word("OR")) {
        statement.skip();
    }
    statement.take_words({"LOW_PRIORITY", "IGNORE"});
    add_list(change, statement, catalog, session);
    return change;
}

SqlChange rename(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    SqlChange change{SqlChange::Kind::renamed, "RENAME TABLE", {}};
    if (!statement.take_words({"TABLE", "TABLES"})) {
        return change;
    }
    statement.take_words({"IF", "EXISTS"});
    do {
        SqlTable* table = session.find(statement.take_path(), catalog);
        if (statement.take_word("WAIT")) {
            statement.skip();
        }
        statement.take_word("NOWAIT");
        if (!statement.take_word("TO")) {
            break;
        }
        auto name = statement.take_path();
        if (table != nullptr) {
            change.tables.push_back({table, table->path});
            session.rename(*table, std::move(name));
        }
    } while (statement.take_symbol(','));
    return change;
}

}  // namespace

bool begins_change(std::string_view word) noexcept {
    constexpr std::string_view k_words[] = {"DROP", "TRUNCATE", "DELETE", "UPDATE", "RENAME"};
    return std::any_of(std::begin(k_words), std::end(k_words),
                       [word](std::string_view one) { return is_sql_word(word, one); });
}

std::optional<SqlChange> parse_change(SqlStatement& statement, SqlCatalog& catalog,
                                      const SqlSession& session) {
    SqlChange change;
    if (statement.take_word("DROP")) {
        change = drop(statement, catalog, session);
    } else if (statement.take_word("TRUNCATE")) {
        change = {SqlChange::Kind::emptied, "TRUNCATE", {}};
        statement.take_word("TABLE");
        add_list(change, statement, catalog, session);
    } else if (statement.take_word("DELETE")) {
        change = erase(statement, catalog, session);
    } else if (statement.take_word("UPDATE")) {
        change = update(statement, catalog, session);
    } else if (statement.take_word("RENAME")) {
        change = rename(statement, catalog, session);
    }
    return change.tables.empty() ? std::nullopt : std::optional(std::move(change));
}

bool begins_transaction(std::string_view word) noexcept {
    return is_any_sql_word(word, {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "XA"});
}

std::optional<SqlChange> parse_transaction(SqlStatement& statement) {
    using enum SqlChange::Kind;
    const bool distributed = statement.take_word("XA");
    if (statement.take_words({"ROLLBACK", "ABORT"})) {
        statement.take_words({"WORK", "TRANSACTION", "TRAN"});
        return SqlChange{
            statement.at_word("TO") ? partly_rolled_back : rolled_back, "ROLLBACK", {}};
    }
    if (statement.take_word("COMMIT") || (!distributed && statement.take_word("END"))) {
        return SqlChange{committed, "COMMIT", {}};
    }
    if (distributed) {
        return std::nullopt;
    }
    const bool block = statement.rules().dialect == SqlDialect::generic;  // BEGIN may begin one
    const bool begins = statement.take_word("BEGIN")
                            ? !block || statement.ended() || statement.at_word("TRAN") ||
                                  statement.at_word("TRANSACTION") || statement.at_word("WORK")
                            : statement.take_word("START") && statement.at_word("TRANSACTION");
    return begins ? std::optional(SqlChange{begun, "BEGIN", {}}) : std::nullopt;
}

std::optional<SqlChange> replace_table(SqlStatement& statement, SqlCatalog& catalog,
                                       const SqlSession& session) {
    const std::size_t place = statement.place();
    SqlChange change{SqlChange::Kind::dropped, "CREATE OR REPLACE TABLE", {}};
    add(change, session.find(statement.take_path(), catalog), catalog);
    statement.go_to(place);
    for (const auto& gone : change.tables) {
        gone.table->drop();
    }
    return change.tables.empty() ? std::nullopt : std::optional(std::move(change));
}

}  // namespace cachectl
