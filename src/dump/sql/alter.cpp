#include "dump/sql/alter.hpp"

#include <algorithm>

#include "dump/sql/column.hpp"

namespace cachectl {

namespace {

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

/// Behind ADD.
void add_columns(SqlStatement& statement, SqlTable& table, const SqlCatalog& catalog) {
    if (!statement.take_word("COLUMN") && (at_constraint(statement) || at_key(statement))) {
        return;
    }
    statement.take_words({"IF", "NOT", "EXISTS"});
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
    statement.take_words({"COLUMN", "IF", "EXISTS"});
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
        statement.take_words({"SET", "DATA"});
    }
    if (statement.take_word("TYPE")) {
        SqlColumn column = catalog.describe(take_type(statement));
        column.name = old->name;
        column.generated = old->generated;
        *old = std::move(column);
    }
}

/// Behind DROP: a column, unless it is something else that is dropped.
void drop_column(SqlStatement& statement, SqlTable& table, const SqlRules& rules) {
    if (!statement.take_word("COLUMN")) {
        for (const std::string_view other :
             {"CONSTRAINT", "PRIMARY", "FOREIGN", "INDEX", "KEY", "CHECK", "PARTITION", "PERIOD"}) {
            if (statement.at_word(other)) {
                return;
            }
        }
    }
    statement.take_words({"IF", "EXISTS"});
    if (const SqlColumn* column = find_column(table, statement.take_name(), rules)) {
        table.columns.erase(table.columns.begin() + (column - table.columns.data()));
    }
}

/// Behind RENAME: TO and, in MySQL, AS or "=" name the table, COLUMN or nothing a column.
void rename(SqlStatement& statement, SqlTable& table, const SqlRules& rules,
            const SqlSession& session) {
    if (rules.dialect == SqlDialect::mysql &&
        (statement.at_word("INDEX") || statement.at_word("KEY"))) {
        return;
    }
    if (statement.at_word("CONSTRAINT")) {
        return;
    }
    const bool column = statement.take_word("COLUMN");
    statement.take_words({"IF", "EXISTS"});
    const bool to = !column && (statement.take_word("TO") || statement.take_word("AS") ||
                                statement.take_symbol('='));
    if (to || (!column && rules.dialect == SqlDialect::mysql)) {
        session.rename(table, statement.take_path());
        return;
    }
    SqlColumn* old = find_column(table, statement.take_name(), rules);
    if (!statement.take_word("TO")) {
        return;
    }
    if (auto name = statement.take_name(); old != nullptr && name) {
        old->name = std::move(*name);
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
    } else if (statement.take_word("DROP")) {
        drop_column(statement, table, catalog.rules());
    } else if (statement.take_word("RENAME")) {
        rename(statement, table, catalog.rules(), session);
    } else if (statement.at_word("SET") && statement.at_word("SCHEMA", 1)) {
        statement.take_words({"SET", "SCHEMA"});
        if (auto schema = statement.take_name()) {
            session.rename(table, {std::move(*schema), table.path.back()});
        }
    }
}

/// A clause that says whose rows a table's rows are, too: the table, if it changed that.
SqlTable* relate_one(SqlStatement& statement, SqlTable& table, SqlCatalog& catalog,
                     const SqlSession& session) {
    const bool attaches = statement.at_word("ATTACH") && statement.at_word("PARTITION", 1);
    const bool detaches = statement.at_word("DETACH") && statement.at_word("PARTITION", 1);
    const bool leaves = statement.at_word("NO") && statement.at_word("INHERIT", 1);
    if (!attaches && !detaches && !leaves && !statement.at_word("INHERIT")) {
        return nullptr;
    }
    statement.skip();
    if (attaches || detaches || leaves) {
        statement.skip();
    }
    auto path = statement.take_path();
    SqlTable* child = &table;
    const SqlTable* parent = &table;
    if (attaches || detaches) {
        child = session.find_or_add(std::move(path), catalog);
    } else {
        parent = session.find_or_add(std::move(path), catalog);
    }
    if (child == nullptr) {
        return nullptr;
    }
    const auto before = child->parents;
    if (detaches || leaves) {
        std::erase(child->parents, parent);
    } else {
        add_parent(child, parent);
    }
    return child->parents == before ? nullptr : child;
}

/// What such a clause does to the columns of the tables that descend from the one it names.
void alter_descendant(SqlStatement& statement, SqlTable& table, const SqlCatalog& catalog,
                      const SqlSession& session) {
    if (statement.take_word("ADD")) {
        add_columns(statement, table, catalog);
    } else if (statement.take_word("ALTER")) {
        alter_column(statement, table, catalog);
    } else if (!statement.at_word("TO", 1) && statement.take_word("RENAME")) {
        rename(statement, table, catalog.rules(), session);
    }
}

bool same_columns(const std::vector<SqlColumn>& a, const std::vector<SqlColumn>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.name == y.name && x.type == y.type && x.array == y.array;
    });
}

/// The columns of a table, and whether they are others now.
class ColumnsBefore {
public:
    explicit ColumnsBefore(SqlTable& table) : m_table(table), m_columns(table.columns) {}
    void note(SqlChange& change) const {
        if (!same_columns(m_table.columns, m_columns)) {
            change.tables.push_back({&m_table, m_table.path});
        }
    }

private:
    SqlTable& m_table;
    std::vector<SqlColumn> m_columns;
};

/// The clauses, from the statement's place on, each by `take`.
template <typename Take>
void each_clause(SqlStatement& statement, Take take) {
    do {
        take();
        skip_element(statement);
        statement.take_symbol(')');
    } while (statement.take_symbol(','));
}

/// PostgreSQL does to a table's partitions and heirs what it does to its columns.
void alter_descendants(SqlStatement& statement, const SqlTable& table, SqlCatalog& catalog,
                       const SqlSession& session, SqlChange& change) {
    const std::size_t clauses = statement.place();
    for (SqlTable& heir : catalog.tables()) {
        if (!heir.descends_from(table)) {
            continue;
        }
        const ColumnsBefore before(heir);
        statement.go_to(clauses);
        each_clause(statement, [&] { alter_descendant(statement, heir, catalog, session); });
        before.note(change);
    }
    statement.go_to(clauses);
}

}  // namespace

std::optional<SqlChange> alter_table(SqlStatement& statement, SqlCatalog& catalog,
                                     const SqlSession& session) {
    statement.take_words({"IF", "EXISTS"});
    const bool only = statement.take_word("ONLY");
    auto named = statement.take_path();
    statement.take_symbol('*');
    const bool relates = statement.at_word("INHERIT") || statement.at_word("ATTACH");
    SqlTable* table = relates ? session.find_or_add(std::move(named), catalog)
                              : session.find(std::move(named), catalog);
    if (table == nullptr) {
        return std::nullopt;
    }
    SqlChange change{SqlChange::Kind::edited, "ALTER TABLE", {}};
    if (!only && catalog.rules().dialect == SqlDialect::postgres) {
        alter_descendants(statement, *table, catalog, session, change);
    }
    const ColumnsBefore before(*table);
    const std::vector<std::string> path = table->path;
    SqlTable* related = nullptr;
    bool joins = false;
    each_clause(statement, [&] {
        joins |= statement.at_word("INHERIT") || statement.at_word("ATTACH");
        if (SqlTable* const child = relate_one(statement, *table, catalog, session)) {
            related = child;
        } else {
            alter_one(statement, *table, catalog, session);
        }
    });
    if (table->path != path) {
        return SqlChange{SqlChange::Kind::renamed, change.statement, {{table, path}}};
    }
    if (related != nullptr) {
        return SqlChange{joins ? SqlChange::Kind::joined : SqlChange::Kind::edited,
                         change.statement,
                         {{related, related->path}}};
    }
    before.note(change);
    return change.tables.empty() ? std::nullopt : std::optional(std::move(change));
}

}  // namespace cachectl
