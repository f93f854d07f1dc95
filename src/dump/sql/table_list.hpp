// What tables a dump has, for someone who wants to choose from them.
#pragma once

#include "dump/reader.hpp"
#include "dump/sql/reader.hpp"

namespace cachectl {

/// list_tables() of a file that may be anything: throws Error(bad_input) too if it is no SQL dump.
TableList list_tables_of(Source& source, const ReaderOptions& options,
                         Failure failure = Failure::thrown);

}  // namespace cachectl
