// The definition of a column in CREATE TABLE, ALTER TABLE and CREATE TYPE.
#pragma once

#include <optional>
#include <string>

#include "dump/sql/schema.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

/// "character varying(20)[]", as it is written but for spaces, comments and needless quotes.
std::string take_type(SqlStatement& statement);

/// The name that CREATE gives to a type, in the form in which take_type() has it; "" if none comes.
std::string take_type_name(SqlStatement& statement);

/// From behind the name to the comma or parenthesis behind the column. Returns the name that it
/// is to stand AFTER, "" for FIRST, or nothing.
std::optional<std::string> take_column(SqlStatement& statement, const SqlCatalog& catalog,
                                       SqlColumn& column);

/// Does KEY or INDEX come next, or what makes one of it?
bool at_key(const SqlStatement& statement);

/// Does something come next that is no column but a constraint or an index? As far as these words
/// are no names of columns in the dialect.
bool at_constraint(const SqlStatement& statement);

/// Up to the comma or parenthesis behind a column or a constraint.
void skip_element(SqlStatement& statement);

}  // namespace cachectl
