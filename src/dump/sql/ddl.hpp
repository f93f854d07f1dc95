// CREATE TABLE and what else tells of columns, into the catalog.
#pragma once

#include "dump/sql/schema.hpp"
#include "dump/sql/session.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

/// The statement behind CREATE … TABLE; a table that was there is made anew, but for IF NOT
/// EXISTS. Returns nullptr if it names no table.
SqlTable* create_table(SqlStatement& statement, SqlCatalog& catalog, const SqlSession& session);

/// The statement behind CREATE DOMAIN.
void create_domain(SqlStatement& statement, SqlCatalog& catalog);

/// The statement behind CREATE TYPE, of which row types count: CREATE TABLE … OF names them.
void create_type(SqlStatement& statement, SqlCatalog& catalog);

}  // namespace cachectl
