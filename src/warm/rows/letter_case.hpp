// Upper and lower case, the same on every machine, whatever its locale.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

enum class LetterCase { lower, upper };

/// Appends the text with its Latin, Greek and Cyrillic letters, in UTF-8, in that case. What is no
/// such letter, or has no single one for its other case (ß), is appended as it is.
void append_in_case(std::string_view text, LetterCase letter_case, std::string& out);

}  // namespace cachectl
