// RFC 8259 once more, as plainly as can be: what our JSON is compared with.
#pragma once

#include <string_view>

namespace cachectl {

/// Is it one JSON value, with nothing around it, not even whitespace within? Strings are taken to
/// be UTF-8.
bool is_minified_json(std::string_view text);

}  // namespace cachectl
