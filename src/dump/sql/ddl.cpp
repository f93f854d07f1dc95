#include "dump/sql/ddl.hpp"

#include <algorithm>

#include "dump/sql/column.hpp"

namespace cachectl {

namespace {

/// Adds columns, or describes anew those that are there.
void merge(std::vector<SqlColumn>& columns, const std::vector<SqlColumn>& more,
           const SqlRules& rules) {
    for (const SqlColumn& column : more) {
        const auto same = std::find_if(columns.begin(), columns.end(), [&](const SqlColumn& other) {
            return same_name(other.name, column.name, rules);
        });
        if (same == columns.end()) {
            columns.push_back(column);
        } else {
            *same = column;
        }
    }
}

/// The parents' columns come first, in their order.
void inherit(SqlTable& table, const std::vector<const SqlTable*>& parents, const SqlRules& rules) {
    std::vector<SqlColumn> columns;
    for (const SqlTable* parent : parents) {
        if (parent != nullptr && parent != &table) {
            merge(columns, parent->columns, rules);
            add_parent(&table, parent);
        }
    }
    merge(columns, table.columns, rules);
    table.columns = std::move(columns);
}

/// Behind the columns. A STRICT table of SQLite keeps what is put in a column of type ANY as it is,
/// others make numbers of digits: https://www.sqlite.org/stricttables.html
void see_strict(SqlStatement& statement, SqlTable& table) {
    for (; !statement.ended(); statement.skip()) {
        if (!statement.at_word("STRICT")) {
            continue;
        }
        for (SqlColumn& column : table.columns) {
            column.type = same_sql_name(column.declared, "any") ? SqlType::unknown : column.type;
        }
    }
}

/// LIKE of another table, with its options. In PostgreSQL a generated column is one of the new
/// table only if they say so.
void take_like(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session,
               SqlTable& table) {
    statement.take_word("LIKE");
    const SqlTable* model = session.find(statement.take_path(), catalog);
    bool generated = catalog.rules().dialect != SqlDialect::postgres;
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')')) {
        generated |= statement.at_word("INCLUDING") &&
                     (statement.at_word("ALL", 1) || statement.at_word("GENERATED", 1));
        statement.skip_any();
    }
    if (model == nullptr || model == &table) {
        return;
    }
    for (SqlColumn column : model->columns) {
        column.generated &= generated;
        table.columns.push_back(std::move(column));
    }
}

/// Behind "( column, constraint, … )", or behind what stands instead of it.
void take_columns(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session,
                  SqlTable& table) {
    do {
        if (statement.at_word("LIKE")) {
            take_like(statement, catalog, session, table);
        } else if (at_constraint(statement)) {
            skip_element(statement);
        } else if (auto name = statement.take_name()) {
            SqlColumn column{.name = std::move(*name)};
            take_column(statement, catalog, column);
            table.columns.push_back(std::move(column));
        } else {
            skip_element(statement);
        }
    } while (statement.take_symbol(','));
    statement.take_symbol(')');
}

}  // namespace

SqlTable* create_table(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    const bool only_if_new = statement.take_words({"IF", "NOT", "EXISTS"});
    auto path = statement.take_path();
    if (path.empty()) {
        return nullptr;
    }
    SqlTable& table = catalog.get(session.qualify(std::move(path)));
    if (only_if_new && table.created) {
        return &table;
    }
    table.created = true;
    table.columns.clear();
    table.only_named = false;
    table.parents.clear();
    if (statement.take_word("PARTITION") && statement.take_word("OF")) {
        inherit(table, {session.find_or_add(statement.take_path(), catalog)}, catalog.rules());
        return &table;
    }
    if (statement.take_word("OF")) {
        if (const auto* columns = catalog.row_type(take_type_name(statement))) {
            table.columns = *columns;
        }
        return &table;
    }
    if (statement.at_word("LIKE")) {
        take_like(statement, catalog, session, table);
        return &table;
    }
    if (!statement.take_symbol('(')) {
        return &table;
    }
    take_columns(statement, catalog, session, table);
    if (catalog.rules().dialect == SqlDialect::sqlite) {
        see_strict(statement, table);
    }
    if (statement.take_word("INHERITS") && statement.take_symbol('(')) {
        std::vector<const SqlTable*> parents;
        do {
            parents.push_back(session.find_or_add(statement.take_path(), catalog));
        } while (statement.take_symbol(','));
        inherit(table, parents, catalog.rules());
    }
    return &table;
}

void create_domain(SqlStatement& statement, SqlCatalog& catalog) {
    std::string name = take_type_name(statement);
    statement.take_word("AS");
    std::string type = take_type(statement);
    if (name.empty() || type.empty()) {
        return;
    }
    catalog.add_domain(std::move(name), std::move(type));
}

void create_type(SqlStatement& statement, SqlCatalog& catalog) {
    std::string type = take_type_name(statement);
    if (!statement.take_word("AS") || !statement.take_symbol('(')) {
        return;
    }
    std::vector<SqlColumn> columns;
    do {
        auto name = statement.take_name();
        if (!name) {
            break;
        }
        SqlColumn& column = columns.emplace_back(SqlColumn{.name = std::move(*name)});
        take_column(statement, catalog, column);
    } while (statement.take_symbol(','));
    catalog.add_row_type(std::move(type), std::move(columns));
}

}  // namespace cachectl
