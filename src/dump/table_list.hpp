// What tables a dump has, for someone who wants to choose from them.
#pragma once

#include <vector>

#include "dump/reader.hpp"
#include "dump/sql_schema.hpp"

namespace cachectl {

/// list_tables() of a file that may be anything: throws Error(bad_input) too if it is no SQL dump.
std::vector<SqlTable> list_tables_of(Source& source, const ReaderOptions& options);

}  // namespace cachectl
