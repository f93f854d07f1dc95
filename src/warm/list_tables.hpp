// --list-tables: what an SQL dump holds, to choose from before warming. No server is asked.
#pragma once

#include "cli/context.hpp"
#include "warm/warm.hpp"

namespace cachectl {

/// Of the options it heeds the files, how they are read, --table and the output. Throws Error.
ExitCode list_tables(Context& ctx, const WarmOptions& options);

}  // namespace cachectl
