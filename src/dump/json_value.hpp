// A value of a row as JSON.
#pragma once

#include <string>
#include <string_view>

#include "dump/record.hpp"

namespace cachectl {

/// Appends it. False, and nothing appended, if a text is not UTF-8.
[[nodiscard]] bool append_json(ValueKind kind, std::string_view text, std::string& out);

}  // namespace cachectl
