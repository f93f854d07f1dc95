#include "dump/sql_ddl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

/// What may follow a column's type. Of these, no type's name has any but CHARACTER SET, WITH and
/// those that take_type() sees to.
constexpr std::array<std::string_view, 30> k_after_type = {
    "NOT",           "NULL",
    "DEFAULT",       "PRIMARY",
    "UNIQUE",        "CHECK",
    "REFERENCES",    "COLLATE",
    "GENERATED",     "AS",
    "STORED",        "CONSTRAINT",
    "COMMENT",       "ON",
    "STORAGE",       "COMPRESSION",
    "CHARSET",       "AUTO_INCREMENT",
    "VISIBLE",       "INVISIBLE",
    "AUTOINCREMENT", "COLUMN_FORMAT",
    "KEY",           "SRID",
    "VIRTUAL",       "PERSISTENT",
    "IDENTITY",      "OPTIONS",
    "FIRST",         "AFTER",
};

bool at_type_end(const SqlStatement& statement) {
    return std::any_of(k_after_type.begin(), k_after_type.end(),
                       [&](std::string_view word) { return statement.at_word(word); }) ||
           (statement.at_word("CHARACTER") && statement.at_word("SET", 1)) ||
           (statement.at_word("WITH") &&
            (statement.at_word("SYSTEM", 1) || statement.at_word("WITHOUT", 1)));
}

/// Does this name need no quotes?
bool is_plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// The next token, not at the end; without quotes if it does not need them: SQL Server's [int], and
/// "bytea", which is bytea.
std::string take_type_word(SqlStatement& statement) {
    const SqlToken& token = statement.token();
    std::string word(statement.text());
    if (token.kind != SqlTokenKind::name) {
        statement.skip();
        return word;
    }
    const std::string name = statement.take_name().value_or(std::string());
    return token.symbol == '[' || is_plain_name(name) ? name : word;
}

/// "character varying(20)[]", as it is written but for spaces, comments and needless quotes.
std::string take_type(SqlStatement& statement) {
    std::string type;
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')') &&
           !at_type_end(statement)) {
        if (statement.at_symbol('(')) {
            type += fmt::format("({})", statement.skip_brackets());
            continue;
        }
        const SqlToken& token = statement.token();
        const bool glued = token.kind == SqlTokenKind::symbol || type.empty() ||
                           type.back() == '.' || type.back() == '[';
        type += glued ? "" : " ";
        type += take_type_word(statement);
    }
    return type;
}

/// Is this MariaDB's mark of a JSON column, CHECK (json_valid(`name`))?
bool is_json_check(SqlStatement& statement, std::string_view name) {
    const std::size_t before = statement.place();
    bool found = statement.take_word("CHECK") && statement.take_symbol('(') &&
                 statement.take_word("JSON_VALID") && statement.take_symbol('(');
    if (found) {
        const auto checked = statement.take_name();
        found =
            checked && *checked == name && statement.take_symbol(')') && statement.take_symbol(')');
    }
    if (!found) {
        statement.go_to(before);
    }
    return found;
}

/// From behind the name to the comma or parenthesis behind the column. Returns the name that it
/// is to stand AFTER, "" for FIRST, or nothing.
std::optional<std::string> take_column(SqlStatement& statement, const SqlCatalog& catalog,
                                       SqlColumn& column) {
    std::string name = std::move(column.name);
    column = catalog.describe(take_type(statement));
    column.name = std::move(name);
    std::optional<std::string> after;
    while (!statement.ended() && !statement.at_symbol(',') && !statement.at_symbol(')')) {
        if (statement.at_word("AS") && statement.at_symbol('(', 1)) {
            column.generated = true;
            statement.skip();
        } else if (is_json_check(statement, column.name)) {
            column.type = SqlType::json;
        } else if (statement.take_word("FIRST")) {
            after = "";
        } else if (statement.at_word("AFTER")) {
            statement.skip();
            after = statement.take_name();
        } else {
            statement.skip_any();
        }
    }
    return after;
}

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

/// One clause of ALTER TABLE.
void alter_one(SqlStatement& statement, SqlTable& table, SqlCatalog& catalog,
               const SqlSession& session) {
    if (statement.take_word("ADD")) {
        add_columns(statement, table, catalog);
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
    std::string name;
    do {
        if (statement.ended()) {
            return;
        }
        name += (name.empty() ? "" : ".") + take_type_word(statement);
    } while (statement.take_symbol('.'));
    statement.take_word("AS");
    std::string type = take_type(statement);
    if (type.empty()) {
        return;
    }
    catalog.add_domain(std::move(name), std::move(type));
}

}  // namespace cachectl
