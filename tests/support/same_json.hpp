// JSON brought to one form, so that two databases' and our own can be compared as text. It shares
// no code with what is under test.
#pragma once

#include <string>
#include <string_view>

namespace cachectl::test {

/// Without whitespace, and every string with the same escapes; members in their order and numbers
/// digit by digit as they are. Throws std::runtime_error for what is no JSON.
std::string same_json(std::string_view text);

}  // namespace cachectl::test
