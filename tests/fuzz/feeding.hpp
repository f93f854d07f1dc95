// How an input reaches what reads it: as a file, and in pieces.
#pragma once

#include <cstddef>
#include <string_view>

namespace cachectl {

/// All of an input in one read; no more, for every run allocates that much.
inline constexpr std::size_t k_one_read = 16 * 1024;

/// 1, 3 or 7, which the text's length decides; more for a long one, or little would be tried.
std::size_t small_window(std::string_view text);

/// An unnamed file with `text`, to be read from its beginning. The same one every time.
int fuzz_file(std::string_view text);

}  // namespace cachectl
