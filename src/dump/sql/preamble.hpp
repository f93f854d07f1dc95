// What the programs that write dumps say on stderr, where that has got among the dump (2>&1,
// docker exec -t, cron).
#pragma once

#include <cstddef>
#include <string_view>

namespace cachectl {

/// "mysqldump: [Warning] …", "pg_dump: warning: …", "Warning: Using a password …".
bool is_tool_message(std::string_view line) noexcept;

/// Is such a line about an error, for which rows may be missing: "mysqldump: Error 1194: …"?
bool is_tool_error(std::string_view line) noexcept;

/// How many bytes of such lines, and of blank ones between them, the text begins with. A line
/// without an end is none.
std::size_t tool_messages(std::string_view text) noexcept;

}  // namespace cachectl
