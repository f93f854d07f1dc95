// Values within the nested values of a record: 'user.id' is the member 'id' of the column 'user',
// 'tags.0' the first element of 'tags'.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dump/record.hpp"

namespace cachectl {

/// The value of the column of that name or, if there is none, of that path. Nothing if the record
/// has neither. `scratch` is where a text may lie that had to be made.
std::optional<Value> find_value(const Record& record, std::string_view path, std::string& scratch);

}  // namespace cachectl
