// JSON at the level of its tokens: the grammar of numbers, string escapes both ways, minifying.
// RFC 8259; where it leaves room (lone surrogates), the strict reading.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// Is this a number of RFC 8259, section 6, and nothing else? (No +1, 01, .5, 1., NaN.)
[[nodiscard]] bool is_json_number(std::string_view token) noexcept;

/// Appends the bytes that the inside of a JSON string stands for. Returns nullptr, or why not:
/// an unknown escape or a surrogate without its other half, which has no UTF-8 form.
[[nodiscard]] const char* unescape_json(std::string_view inside, std::string& out);

/// Appends `bytes` as a JSON string with the fewest escapes. False, and nothing appended, if they
/// are not UTF-8, for then no JSON string stands for them.
[[nodiscard]] bool append_json_string(std::string_view bytes, std::string& out);

/// Replaces `out` by valid JSON without the whitespace between its tokens.
void minify_json(std::string_view json, std::string& out);

}  // namespace cachectl
