#include "dump/sql_ddl.hpp"

#include <algorithm>

#include "dump/sql_column.hpp"

namespace cachectl {

namespace {

bool at_key(const SqlStatement& statement) {
    return statement.at_word("KEY") || statement.at_word("INDEX") ||
           statement.at_word("FULLTEXT") || statement.at_word("SPATIAL");
}

/// Does something come next that is no column but a constraint or an index? As far as these words
/// are no names of columns in the dialect.
bool at_constraint(const SqlStatement& statement) {
    for (const std::string_view word :
         {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "LIKE"}) {
        if (statement.at_word(word)) {
            return true;
        }
    }
    return (statement.at_word("EXCLUDE") &&
            (statement.at_word("USING", 1) || statement.at_symbol('(', 1))) ||
           (statement.at_word("PERIOD") && statement.at_word("FOR", 1)) ||
           (statement.rules().keys_in_tables && at_key(statement));
}

void skip_element(SqlStatement& statement) {
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')')) {
        statement.skip_any();
    }
}

void inherit(SqlTable& table, const SqlTable* parent, const SqlRules& rules) {
    if (parent == nullptr || parent == &table) {
        return;
    }
    std::vector<SqlColumn> own = std::move(table.columns);
    table.columns = parent->columns;
    for (SqlColumn& column : own) {
        const auto same = std::find_if(
            table.columns.begin(), table.columns.end(),
            [&](const SqlColumn& other) { return same_name(other.name, column.name, rules); });
        if (same == table.columns.end()) {
            table.columns.push_back(std::move(column));
        } else {
            *same = std::move(column);
        }
    }
}

void add_column(SqlTable& table, SqlColumn column, const std::optional<std::string>& after,
                const SqlRules& rules) {
    auto place = table.columns.end();
    if (after) {
        place = table.columns.begin();
        if (!after->empty()) {
            place = std::find_if(
                table.columns.begin(), table.columns.end(),
                [&](const auto& other) { return same_name(other.name, *after, rules); });
            place += place == table.columns.end() ? 0 : 1;
        }
    }
    table.columns.insert(place, std::move(column));
}

void skip_words(SqlStatement& statement, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
        statement.take_word(word);
    }
}

/// Behind ADD.
void add_columns(SqlStatement& statement, SqlTable& table, const SqlCatalog& catalog) {
    if (!statement.take_word("COLUMN") && (at_constraint(statement) || at_key(statement))) {
        return;
    }
    skip_words(statement, {"IF", "NOT", "EXISTS"});
    const bool several = statement.take_symbol('(');
    do {
        auto name = statement.take_name();
        if (!name) {
            return;
        }
        SqlColumn column{.name = std::move(*name)};
        const auto after = take_column(statement, catalog, column);
        if (table.find(column.name, catalog.rules()) == nullptr) {
            add_column(table, std::move(column), after, catalog.rules());
        }
    } while (several && statement.take_symbol(','));
    statement.take_symbol(several ? ')' : '\0');
}

SqlColumn* find_column(SqlTable& table, const std::optional<std::string>& name,
                       const SqlRules& rules) {
    return name ? const_cast<SqlColumn*>(table.find(*name, rules)) : nullptr;
}

/// Makes it a partition, unless that went round in a circle.
void attach(SqlTable* partition, const SqlTable* table) {
    for (const SqlTable* above = table; above != nullptr; above = above->partition_of) {
        if (above == partition) {
            return;
        }
    }
    if (partition != nullptr) {
        partition->partition_of = table;
    }
}

/// Where a column goes that is described anew: by itself, where it was.
void replace_column(SqlTable& table, SqlColumn& old, SqlColumn column,
                    const std::optional<std::string>& after, const SqlRules& rules) {
    if (!after) {
        old = std::move(column);
        return;
    }
    table.columns.erase(table.columns.begin() + (&old - table.columns.data()));
    add_column(table, std::move(column), after, rules);
}

/// Behind CHANGE or MODIFY, MySQL's: the whole column is described anew.
void change_column(SqlStatement& statement, SqlTable& table, const SqlCatalog& catalog,
                   bool renames) {
    skip_words(statement, {"COLUMN", "IF", "EXISTS"});
    const auto old_name = statement.take_name();
    auto name = renames ? statement.take_name() : old_name;
    SqlColumn* old = find_column(table, old_name, catalog.rules());
    if (!name || old == nullptr) {
        return;
    }
    SqlColumn column{.name = std::move(*name)};
    const auto after = take_column(statement, catalog, column);
    replace_column(table, *old, std::move(column), after, catalog.rules());
}

/// Behind ALTER [COLUMN]: SET DATA TYPE and TYPE count.
void alter_column(SqlStatement& statement, SqlTable& table, const SqlCatalog& catalog) {
    statement.take_word("COLUMN");
    SqlColumn* old = find_column(table, statement.take_name(), catalog.rules());
    if (old == nullptr) {
        return;
    }
    if (statement.at_word("SET") && statement.at_word("DATA", 1)) {
        skip_words(statement, {"SET", "DATA"});
    }
    if (statement.take_word("TYPE")) {
        SqlColumn column = catalog.describe(take_type(statement));
        column.name = old->name;
        column.generated = old->generated;
        *old = std::move(column);
    }
}

/// One clause of ALTER TABLE.
void alter_one(SqlStatement& statement, SqlTable& table, SqlCatalog& catalog,
               const SqlSession& session) {
    if (statement.take_word("ADD")) {
        add_columns(statement, table, catalog);
    } else if (statement.at_word("CHANGE") || statement.at_word("MODIFY")) {
        const bool renames = statement.at_word("CHANGE");
        statement.skip();
        change_column(statement, table, catalog, renames);
    } else if (statement.take_word("ALTER")) {
        alter_column(statement, table, catalog);
    } else if (statement.at_word("DROP") && statement.at_word("COLUMN", 1)) {
        skip_words(statement, {"DROP", "COLUMN", "IF", "EXISTS"});
        if (const SqlColumn* column = find_column(table, statement.take_name(), catalog.rules())) {
            table.columns.erase(table.columns.begin() + (column - table.columns.data()));
        }
    } else if (statement.at_word("RENAME") && statement.at_word("COLUMN", 1)) {
        skip_words(statement, {"RENAME", "COLUMN"});
        SqlColumn* column = find_column(table, statement.take_name(), catalog.rules());
        const bool to = statement.take_word("TO");
        if (auto name = statement.take_name(); column != nullptr && to && name) {
            column->name = std::move(*name);
        }
    } else if (statement.at_word("RENAME") && statement.at_word("TO", 1)) {
        skip_words(statement, {"RENAME", "TO"});
        if (auto path = statement.take_path(); !path.empty()) {
            table.path.back() = std::move(path.back());
        }
    } else if (statement.take_word("ATTACH") && statement.take_word("PARTITION")) {
        if (auto path = statement.take_path(); !path.empty()) {
            attach(catalog.find(session.qualify(std::move(path))), &table);
        }
    }
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

}  // namespace

SqlTable* create_table(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    skip_words(statement, {"IF", "NOT", "EXISTS"});
    auto path = statement.take_path();
    if (path.empty()) {
        return nullptr;
    }
    SqlTable& table = catalog.get(session.qualify(std::move(path)));
    table.created = true;
    table.columns.clear();
    table.partition_of = nullptr;
    const auto find = [&](std::vector<std::string> parent) -> const SqlTable* {
        return parent.empty() ? nullptr : catalog.find(session.qualify(std::move(parent)));
    };
    if (statement.take_word("PARTITION") && statement.take_word("OF")) {
        const SqlTable* parent = find(statement.take_path());
        inherit(table, parent, catalog.rules());
        attach(&table, parent);
        return &table;
    }
    if (statement.take_word("OF")) {
        if (const auto* columns = catalog.row_type(take_type_name(statement))) {
            table.columns = *columns;
        }
        return &table;
    }
    if (!statement.take_symbol('(')) {
        return &table;
    }
    do {
        if (at_constraint(statement)) {
            if (statement.take_word("LIKE")) {
                inherit(table, find(statement.take_path()), catalog.rules());
            }
            skip_element(statement);
            continue;
        }
        auto name = statement.take_name();
        if (!name) {
            skip_element(statement);
            continue;
        }
        SqlColumn column{.name = std::move(*name)};
        take_column(statement, catalog, column);
        table.columns.push_back(std::move(column));
    } while (statement.take_symbol(','));
    statement.take_symbol(')');
    if (catalog.rules().dialect == SqlDialect::sqlite) {
        see_strict(statement, table);
    }
    if (statement.take_word("INHERITS") && statement.take_symbol('(')) {
        do {
            inherit(table, find(statement.take_path()), catalog.rules());
        } while (statement.take_symbol(','));
    }
    return &table;
}

void alter_table(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session) {
    skip_words(statement, {"IF", "EXISTS", "ONLY"});
    auto path = statement.take_path();
    SqlTable* table = path.empty() ? nullptr : catalog.find(session.qualify(std::move(path)));
    if (table == nullptr) {
        return;
    }
    do {
        alter_one(statement, *table, catalog, session);
        skip_element(statement);
        statement.take_symbol(')');
    } while (statement.take_symbol(','));
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
