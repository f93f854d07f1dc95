// Commands in a script that are not for the database but for the program that sends it: psql's
// "\i FILE", mysql's "\. FILE", sqlite3's ".read FILE". None is obeyed; some would bring rows.
#pragma once

#include <string_view>
#include <vector>

#include "dump/sql/dialect.hpp"

namespace cachectl {

/// The commands in a line for psql, each with its backslash: "\echo 'a\i' \ir more.sql" has two.
std::vector<std::string_view> psql_commands(std::string_view line);

/// May the rows of the database be others for that command of psql? "\gexec"
bool psql_may_change_rows(std::string_view command) noexcept;

/// The same of a line of another client, which begins with `sign`. Returns the command without it,
/// or nothing for one that changes none.
std::string_view command_that_may_change_rows(SqlDialect dialect, char sign,
                                              std::string_view rest) noexcept;

}  // namespace cachectl
