// How the text of a topic is written: as prose, in the sources, with marks that are few.
#pragma once

#include <string_view>

#include "docs/topics.hpp"

namespace cachectl {

/// The first line is "NAME(SECTION): SUMMARY", the second "see also: PAGE(SECTION), …". Then:
///
///     # HEADING
///     A paragraph, of as many lines as it takes.
///     : TERM
///         what an item says of it, indented
///         code, indented, and with an empty line before it
///     ```json
///     a whole file
///     ```
///
/// Empty lines stand between the parts. Throws std::invalid_argument for any other text.
Topic parse_topic(std::string_view text);

}  // namespace cachectl
