// Redis globs, matched here exactly as the server matches them for SCAN … MATCH, byte by byte.
// The work is bounded: at most pattern × text steps, whatever the pattern, where servers before
// 6.2.11 and 7.0.9 may need exponential time (CVE-2022-36021).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cachectl {

/// True if `SCAN … MATCH pattern` lists a key called `text`. The server's peculiarities are kept:
/// a '[' that is never closed reaches to the end, "[]" matches nothing, "[^]" any one byte, "[a-]"
/// is the range from 'a' to ']', reversed ranges are turned round, a '\' at the end is itself, and
/// the empty key is matched by "" and "*" only. Bytes from 0x80 on sort before ASCII in a range,
/// as they do on x86-64 servers, whose char is signed.
bool glob_match(std::string_view pattern, std::string_view text);

/// Empty, or nothing but '*' and '?': a pattern that may empty a cache by mistake.
bool is_catch_all(std::string_view pattern);

/// True if `text` does not stand for itself in a pattern: it has one of * ? [ \.
bool has_glob_characters(std::string_view text);

/// The pattern that matches `text` and nothing else.
std::string escape_glob(std::string_view text);

/// The longest text that every match begins with, its escapes undone; may be empty.
std::string literal_prefix(std::string_view pattern);

/// For a pattern that hardly means what its author thinks ('[' without ']', '\' at the end): how
/// the server matches it, as a sentence for an error message. Absent if there is nothing to say.
std::optional<std::string> glob_problem(std::string_view pattern);

/// True if no text matches the pattern: one of its classes has no byte, as "[]".
bool matches_nothing(std::string_view pattern);

/// True if the pattern should be matched here rather than sent: more than 4 groups of '*' (old
/// servers backtrack exponentially, new ones give up at 1,000) or more than 512 bytes.
bool is_costly(std::string_view pattern);

}  // namespace cachectl
