#include "output/color.hpp"

#include <fmt/format.h>

namespace cachectl {

namespace {

/// Select Graphic Rendition, ECMA-48, section 8.3.117.
int sgr(Style style) {
    switch (style) {
        case Style::plain:
            return 0;
        case Style::bold:
            return 1;
        case Style::dim:
            return 2;
        case Style::red:
            return 31;
        case Style::green:
            return 32;
        case Style::yellow:
            return 33;
        case Style::cyan:
            return 36;
    }
    return 0;
}

}  // namespace

std::string Painter::operator()(Style style, std::string_view text) const {
    if (m_color == Color::off || style == Style::plain || text.empty()) {
        return std::string(text);
    }
    return fmt::format("\x1b[{}m{}\x1b[0m", sgr(style), text);
}

}  // namespace cachectl
