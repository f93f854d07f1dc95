// Finds where a value of an RDB file ends: nothing in the file says how long it is.
#pragma once

#include "rdb/format.hpp"
#include "rdb/input.hpp"

namespace cachectl {

/// Reads the value that stands there to its end. Throws RdbFault, also for a type that is none of
/// RdbType, whose end cannot be found.
void skip_rdb_value(RdbInput& in, RdbType type);

/// A module's data of its own, up to its end mark: opcodes that say how long each part is.
void skip_rdb_module_data(RdbInput& in);

}  // namespace cachectl
