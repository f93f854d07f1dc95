// The shape of a key: its segments, with what looks like an id in the place of the id, so that a
// million sessions are one row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// One segment with its ids folded: "42" is "<n>", "user-42" "user-<n>", "row7" "row<n>",
/// "2026-11-28" "<date>", "550e8400-e29b-41d4-a716-446655440000" "<uuid>", "9ffd1ae121c4f26f"
/// "<hex>", "V1StGXR8_Z5jdHi6B"
/// "<id>"; braces of a hash tag stay: "{42}" is "{<n>}". Anything else is as it was; what begins
/// with '<' has it as "\x3c", so that nothing else looks folded.
std::string fold_segment(std::string_view segment);

/// What stands between the delimiters, empty segments too: "a::b" has three. At most `most`; what
/// is behind stays with the last one.
std::vector<std::string_view> split_key(std::string_view key, std::string_view delimiter,
                                        std::size_t most);

}  // namespace cachectl
