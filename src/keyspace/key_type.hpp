// The types that keys have, by the names that TYPE answers with.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cachectl {

/// Those that all servers have.
std::span<const std::string> key_types();

/// False for a name that is no server's type and cannot be a module's.
bool is_key_type(std::string_view text);
/// Error(usage) for such a name: `SCAN … TYPE` lists nothing, silently, for it.
void check_key_type(std::string_view text);

}  // namespace cachectl
