// One line for a terminal, put together from pieces in their styles, and as wide as it may be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "output/display.hpp"

namespace cachectl {

class StyledLine {
public:
    explicit StyledLine(const Display& display) : m_display(&display) {}

    /// Any bytes: they are escaped.
    StyledLine& add(std::string_view text, Style style = Style::plain);
    /// Text that has been escaped already.
    StyledLine& add_escaped(std::string text, Style style = Style::plain);
    /// Blanks up to that column; where it has been passed already, one blank.
    StyledLine& pad_to(std::size_t column);
    /// So that its last column is `end - 1`; where there is no room, behind one blank.
    StyledLine& add_right(std::string_view text, std::size_t end, Style style = Style::plain);

    [[nodiscard]] std::size_t width() const { return m_width; }
    /// Painted, without blanks at its end, and cut to `columns`; 0: as wide as it is.
    [[nodiscard]] std::string text(std::size_t columns) const;

private:
    struct Piece {
        Style style;
        std::string text;
        std::size_t width;
    };

    const Display* m_display;
    std::vector<Piece> m_pieces;
    std::size_t m_width = 0;
};

}  // namespace cachectl
