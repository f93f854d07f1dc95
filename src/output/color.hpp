// Colours and weights for a terminal, where they are wanted.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

enum class Style { plain, bold, dim, red, yellow, green, cyan };

class Painter {
public:
    enum class Color { off, on };

    Painter() = default;
    explicit Painter(Color color) : m_color(color) {}

    /// `text` between the escape sequences of `style`; as it is when colours are off, when it is
    /// empty and for Style::plain. `text` has been escaped already.
    [[nodiscard]] std::string operator()(Style style, std::string_view text) const;

private:
    Color m_color = Color::off;
};

}  // namespace cachectl
