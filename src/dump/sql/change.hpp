// Statements that change what a table holds or what it is called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dump/sql/schema.hpp"
#include "dump/sql/session.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

struct SqlChange {
    enum class Kind {
        emptied,  // all rows are gone
        dropped,  // and the table
        renamed,
        joined,  // its rows are those of another table now, too
        edited,  // some rows are gone or others now, which nobody can tell here
        begun,   // the last four are a transaction's, and have no tables
        committed,
        rolled_back,         // its rows are gone
        partly_rolled_back,  // those behind a savepoint
    };
    struct Table {
        SqlTable* table;
        std::vector<std::string> path;  // what it was called before
    };
    Kind kind = Kind::edited;
    std::string statement;  // "DROP TABLE"
    std::vector<Table> tables;
    std::uint64_t line = 0;  // the statement begins there
    std::uint64_t byte = 0;
};

/// Is that the first word of a statement that parse_transaction() knows?
bool begins_transaction(std::string_view word) noexcept;

/// Is that the first word of a statement that parse_change() knows?
bool begins_change(std::string_view word) noexcept;

/// DROP, TRUNCATE, DELETE, UPDATE or RENAME TABLE: which tables it changes, of those that the
/// catalog knows. With a table it changes its partitions, and those that inherit from it. A new
/// name is in the catalog already, a dropped table is marked so. Nothing if it changes none.
std::optional<SqlChange> parse_change(SqlStatement& statement, SqlCatalog& catalog,
                                      const SqlSession& session);

/// BEGIN, COMMIT, ROLLBACK and their like; nothing for other statements.
std::optional<SqlChange> parse_transaction(SqlStatement& statement);

/// The same of CREATE OR REPLACE TABLE, which drops the table before.
std::optional<SqlChange> replace_table(SqlStatement& statement, SqlCatalog& catalog,
                                       const SqlSession& session);

}  // namespace cachectl
