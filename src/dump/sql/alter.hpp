// ALTER TABLE, into the catalog.
#pragma once

#include <optional>

#include "dump/sql/change.hpp"

namespace cachectl {

/// The statement behind ALTER TABLE: ADD COLUMN counts, and DROP, RENAME, CHANGE, MODIFY, ALTER
/// COLUMN … TYPE, RENAME TO, SET SCHEMA and ATTACH PARTITION; all else is skipped. Returns what is
/// different afterwards for rows that are there: the table's name or its columns.
std::optional<SqlChange> alter_table(SqlStatement& statement, SqlCatalog& catalog,
                                     const SqlSession& session);

}  // namespace cachectl
