// Figures drawn in one line of text: bars and sparklines.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "output/display.hpp"

namespace cachectl {

/// A bar of up to `width` columns, without padding. It is full only at 1, and not empty for
/// anything above 0; a value outside 0..1 is drawn as the nearer of the two.
std::string bar(double fraction, std::size_t width, Glyphs glyphs);

/// One column for each value, from 0 to the largest of them; a blank for NaN.
std::string sparkline(std::span<const double> values, Glyphs glyphs);

/// The same in proportion to `largest`, so that several of them can be compared; a dot for 0.
std::string density(std::span<const double> values, double largest, Glyphs glyphs);

}  // namespace cachectl
