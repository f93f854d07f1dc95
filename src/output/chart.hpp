// Figures drawn in one line of text: bars, sparklines and heat lines.
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
/// The same from 0 to `largest`; what is above it is drawn as it.
std::string sparkline(std::span<const double> values, Glyphs glyphs, double largest);

/// One column for each value, the darker the larger it is against `steps`, which ascend and are
/// four: "·" below the first, then "░", "▒", "▓", "█". NaN is a "!": there was no value to be had.
std::string heat_line(std::span<const double> values, std::span<const double> steps, Glyphs glyphs);
/// The character that heat_line() has for values of that step, 0 to 4.
std::string heat_glyph(std::size_t step, Glyphs glyphs);

/// The same in proportion to `largest`, so that several of them can be compared; a dot for 0.
std::string density(std::span<const double> values, double largest, Glyphs glyphs);

}  // namespace cachectl
