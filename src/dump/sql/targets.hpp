// Which tables of a dump are wanted, and what columns the rows of a statement have.
#pragma once

#include <string>
#include <vector>

#include "dump/record.hpp"
#include "dump/sql/definitions.hpp"
#include "dump/sql/script.hpp"

namespace cachectl {

/// Where the rows of a statement belong.
struct SqlTarget {
    SqlTable* table = nullptr;
    bool wanted = false;                         // itself, or one whose rows these are, too
    bool named = false;                          // the statement names the columns
    bool schema = false;                         // it is SQLite's own table of tables
    const SqlTable* undefined_parent = nullptr;  // that is wanted, and has no CREATE TABLE
    std::vector<SqlColumn> columns;              // those of the statement, or all of the table
    std::size_t plain = 0;                       // those of them that are not generated
};

class SqlTargets {
public:
    /// `names` as SqlTableName takes them; none is all tables but the database's own. Throws
    /// Error(usage) if one is no name. `file` is for messages.
    SqlTargets(SqlCatalog& catalog, std::string file, const std::vector<std::string>& names);

    /// Takes note of a CREATE TABLE. Throws Error(usage) if a wanted name means it and another.
    void created(SqlTable& table);
    /// The table of a statement with rows, with the same error.
    SqlTarget find(const SqlHeader& header);
    /// A row of SQLite's table of tables: what a virtual table keeps its content in is its own.
    void see_schema(const Record& row);
    /// At the end of the dump: throws Error(bad_input) if a wanted table is neither in it nor in
    /// another file of these definitions, if there are several.
    void check_all_found(SqlDefinitions& definitions, bool more_files) const;
    /// Whether the table is wanted.
    bool wants(const SqlTable& table);
    /// Whether its rows are wanted as those of another table, too.
    [[nodiscard]] bool wants_parent_of(const SqlTable& table) const;
    /// Whether a table of that path would be wanted.
    [[nodiscard]] bool names(const std::vector<std::string>& path) const;
    /// The table is no longer what a name means: it was dropped or has another name.
    void forget(const SqlTable& table);

private:
    struct Wanted {
        SqlTableName name;
        const SqlTable* found = nullptr;
    };

    SqlCatalog& m_catalog;
    std::string m_file;
    std::vector<Wanted> m_wanted;
    std::vector<std::string> m_virtual_tables;
};

}  // namespace cachectl
