// The functions by which sqlite3's .dump writes what has no literal.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dump/sql/expression.hpp"

namespace cachectl {

/// replace(), char() and unistr(); nothing for any other, and for arguments that they do not take.
std::optional<SqlResult> call_sqlite(std::string_view name,
                                     const std::vector<SqlResult>& arguments);

}  // namespace cachectl
