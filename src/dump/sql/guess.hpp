// Which dialect a dump is in, judged by its beginning.
#pragma once

#include <string_view>

#include "dump/sql/dialect.hpp"

namespace cachectl {

/// How much of a dump is looked at.
inline constexpr std::size_t k_sql_guess_bytes = std::size_t{64} * 1024;

struct SqlGuess {
    SqlDialect dialect = SqlDialect::generic;
    /// Marks of a dialect were found. If not, generic is but the most careful choice.
    bool recognised = false;
    /// The database whose scripts are not read, if it is for that: "SQL Server".
    std::string_view foreign;
};

/// Reads the text once by the rules of each dialect and counts what is a mark of it there: first
/// lines of the tools that write dumps, and statements, types, functions and quotes that are only
/// its own, outside of strings and comments.
SqlGuess guess_sql(std::string_view beginning);

}  // namespace cachectl
