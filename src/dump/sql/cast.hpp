// Casts around literals: whether what they make is what the column would store without them.
#pragma once

#include <string>

#include "dump/sql/literal.hpp"
#include "dump/sql/schema.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

/// The type behind "::" or AS, or before a string: "character varying(20)[]", as take_type() has
/// it. Takes nothing but what belongs to a type; "" and the place unchanged if none comes.
std::string take_cast_type(SqlStatement& statement);

/// Is `text`, of that kind, stored in the column as it is, though it is cast to another type
/// before? For casts to the column's own type, and for those that change nothing of such a text.
bool cast_keeps(SqlLiteral::Kind kind, std::string_view text, const SqlColumn& cast,
                const SqlColumn& column);

}  // namespace cachectl
