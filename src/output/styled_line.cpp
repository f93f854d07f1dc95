#include "output/styled_line.hpp"

#include <algorithm>
#include <utility>

#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

StyledLine& StyledLine::add(std::string_view text, Style style) {
    return add_escaped(escape_for_terminal(text), style);
}

StyledLine& StyledLine::add_escaped(std::string text, Style style) {
    const std::size_t width = display_width(text);
    m_width += width;
    m_pieces.push_back({style, std::move(text), width});
    return *this;
}

StyledLine& StyledLine::pad_to(std::size_t column) {
    if (m_width == 0 && column == 0) {
        return *this;
    }
    return add(std::string(column > m_width ? column - m_width : 1, ' '));
}

StyledLine& StyledLine::add_right(std::string_view text, std::size_t end, Style style) {
    const std::size_t width = display_width(escape_for_terminal(text));
    return pad_to(end > width ? end - width : 0).add(text, style);
}

std::string StyledLine::text(std::size_t columns) const {
    std::size_t last = m_pieces.size();
    while (last > 0 && m_pieces[last - 1].text.find_first_not_of(' ') == std::string::npos) {
        --last;
    }
    std::size_t width = 0;
    for (std::size_t i = 0; i < last; ++i) {
        width += m_pieces[i].width;
    }
    std::string line;
    std::size_t left = columns;
    const bool too_wide = columns > 0 && width > columns;
    for (std::size_t i = 0; i < last; ++i) {
        const Piece& piece = m_pieces[i];
        const bool ends_here =
            too_wide && (piece.width > left || (piece.width == left && i + 1 < last));
        if (!ends_here) {
            line += m_display->paint(piece.style, piece.text);
            left -= std::min(left, piece.width);
            continue;
        }
        // The ellipsis stands for what follows, also where this piece alone would just fit.
        const std::string more = piece.width > left ? piece.text : piece.text + ' ';
        return line +
               m_display->paint(piece.style, cut_to_width(more, left, m_display->ellipsis()));
    }
    return line;
}

}  // namespace cachectl
