// The columns that a dataset of a manifest chooses.
#pragma once

#include <vector>

#include "dump/column_choice.hpp"
#include "util/json_file.hpp"

namespace cachectl {

/// An array of names; a string that may hold several, with commas between them, as on the command
/// line; or an object that gives them other names: {"title": "name_fr", "source": {"constant":
/// "x"}}. Throws Error(usage) with file and line.
std::vector<ColumnChoice> manifest_columns(const JsonValue& value);

}  // namespace cachectl
