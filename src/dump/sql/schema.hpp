// What a dump says of its tables: names, columns, types.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dump/sql/dialect.hpp"

namespace cachectl {

/// How the values of a column are to be read.
enum class SqlType {
    unknown,  // no CREATE TABLE tells: by what the literal looks like
    integer,  // numbers, of which the first three differ only in what they are called
    decimal,
    floating,
    boolean,
    json,
    binary,
    bit,   // MySQL's BIT(n)
    text,  // and all that is left: dates, UUIDs, enumerations …
};

struct SqlColumn {
    std::string name;
    std::string declared;  // the type as the dump has it: "numeric(10,2)[]"; may be empty
    SqlType type = SqlType::unknown;
    bool array = false;      // of `type`, in PostgreSQL
    bool generated = false;  // computed from others: tools omit it, or write DEFAULT
};

/// The type of a declaration, by the rules of the dialect (in SQLite those of column affinity, see
/// https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
SqlColumn describe_type(std::string_view declared, SqlDialect dialect);

struct SqlTable {
    std::vector<std::string> path;  // database or schema first, the table last
    std::vector<SqlColumn> columns;
    bool created = false;     // its CREATE TABLE was seen
    bool internal = false;    // the database's own: sqlite_sequence, parts of a full-text index
    bool dropped = false;     // it is no longer there
    bool filled = false;      // the dump has rows of it, whether they were read or not
    std::uint64_t rows = 0;   // good and bad, as far as the dump was read
    bool only_named = false;  // by the definition of another table, and no more is known of it
    /// In PostgreSQL: the table that it is a partition of, or those that it inherits from. Its rows
    /// are theirs, too.
    std::vector<const SqlTable*> parents;

    /// It keeps its name, for messages.
    void drop();
    /// "public.courses"
    [[nodiscard]] std::string full_name() const;
    /// All tables whose rows its rows are, the nearest first: itself, its parents, theirs …
    [[nodiscard]] std::vector<const SqlTable*> lineage() const;
    [[nodiscard]] bool descends_from(const SqlTable& table) const;
    /// nullptr if it has none of that name.
    [[nodiscard]] const SqlColumn* find(std::string_view name, const SqlRules& rules) const;
};

/// A table that someone asked for: `t`, `schema.t`, with "…" or `…` around a part to mean exactly
/// that; without them upper and lower case are the same.
class SqlTableName {
public:
    /// Throws Error(usage) if `text` is no such name.
    static SqlTableName parse(std::string_view text);

    enum class Quotes { where_needed, everywhere };
    /// All parts of a table's path.
    static SqlTableName of(const std::vector<std::string>& path, Quotes quotes);

    [[nodiscard]] const std::string& text() const noexcept { return m_text; }
    /// Do the last parts of the path say so?
    [[nodiscard]] bool matches(const std::vector<std::string>& path) const;

private:
    struct Part {
        std::string name;
        bool exact;
    };
    std::string m_text;
    std::vector<Part> m_parts;
};

/// The tables in the order in which the dump names them. Their addresses stay.
class SqlCatalog {
public:
    explicit SqlCatalog(const SqlRules& rules) : m_rules(&rules) {}
    /// The parents in a copy are its own tables.
    SqlCatalog(const SqlCatalog& other);
    SqlCatalog& operator=(const SqlCatalog&) = delete;
    ~SqlCatalog() = default;

    /// The table of just that path. nullptr if there is none; a dropped one is none.
    SqlTable* find_exactly(const std::vector<std::string>& path);
    /// The same; or, if there is but one, whose path ends so.
    SqlTable* find(const std::vector<std::string>& path);
    /// The same, added if there is none.
    SqlTable& get(const std::vector<std::string>& path);
    [[nodiscard]] const std::deque<SqlTable>& tables() const noexcept { return m_tables; }
    [[nodiscard]] std::deque<SqlTable>& tables() noexcept { return m_tables; }

    /// CREATE DOMAIN: another name for a type.
    void add_domain(std::string name, std::string declared);
    /// CREATE TYPE … AS (…): the columns of a CREATE TABLE … OF it.
    void add_row_type(std::string name, std::vector<SqlColumn> columns);
    /// nullptr if there is none of that name.
    [[nodiscard]] const std::vector<SqlColumn>* row_type(std::string_view name) const;
    /// describe_type(), through the domains.
    [[nodiscard]] SqlColumn describe(std::string_view declared) const;

    [[nodiscard]] const SqlRules& rules() const noexcept { return *m_rules; }

private:
    [[nodiscard]] SqlColumn describe(std::string_view declared, std::size_t domains) const;
    [[nodiscard]] bool ends_with(const SqlTable& table, const std::vector<std::string>& path) const;

    const SqlRules* m_rules;
    std::deque<SqlTable> m_tables;
    std::vector<std::pair<std::string, std::string>> m_domains;
    std::map<std::string, std::vector<SqlColumn>, std::less<>> m_row_types;
};

/// Makes the rows of the one those of the other, too, unless that went round in a circle. Either
/// may be nullptr.
void add_parent(SqlTable* child, const SqlTable* parent);

/// Are two names of tables or columns the same one?
bool same_name(std::string_view a, std::string_view b, const SqlRules& rules) noexcept;

}  // namespace cachectl
