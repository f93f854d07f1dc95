// How output for people may look on one stream: its width, its characters, its colours.
#pragma once

#include <cstddef>

#include "output/color.hpp"
#include "util/terminal.hpp"

namespace cachectl {

enum class Glyphs { ascii, unicode };

enum class ColorWhen { automatic, always, never };

struct Display {
    std::size_t columns = 0;  // 0: as wide as it likes to be
    Glyphs glyphs = Glyphs::unicode;
    Painter paint;

    [[nodiscard]] const char* ellipsis() const {
        return glyphs == Glyphs::unicode ? "\u2026" : "...";
    }
};

/// A stream that is no terminal has no width. `automatic` means colours on a terminal that is not
/// dumb, or where FORCE_COLOR is set, unless NO_COLOR is; `always` means always.
Display display_of(const Terminal& terminal, ColorWhen color);

}  // namespace cachectl
