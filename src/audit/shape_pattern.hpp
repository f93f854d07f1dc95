// Patterns made of keys: an id becomes a star, everything else stays.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// The pattern of one segment: "42" is "*", "user-42" is "user-*", "{42}" is "{*}", "a*b" is
/// "a\*b"; a byte that is not UTF-8, which no JSON can hold, is "?".
std::string segment_pattern(std::string_view segment);

/// Whether a key of `shape` can match `pattern`. Both are patterns as segment_pattern() makes them,
/// joined; a star of the pattern stands for anything, one of the shape for text without the
/// delimiter, or also for anything where `last_is_deep` says that of its last one. Where that is
/// uncertain the answer is yes.
struct Shape {
    std::string pattern;
    bool last_is_deep = false;
};
bool may_match(std::string_view pattern, const Shape& shape, std::string_view delimiter);

}  // namespace cachectl
