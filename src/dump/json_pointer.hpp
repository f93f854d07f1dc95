// RFC 6901: '/data/items' is the member 'items' of the member 'data'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// The names on the way, `~1` and `~0` decoded. Throws Error(usage) for what is no pointer, and for
/// the empty one, which means the whole text.
std::vector<std::string> parse_json_pointer(std::string_view text);

/// A name as a part of a pointer: 'a/b' is "a~1b".
std::string pointer_part(std::string_view name);

}  // namespace cachectl
