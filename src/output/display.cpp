#include "output/display.hpp"

namespace cachectl {

Display display_of(const Terminal& terminal, ColorWhen color) {
    const bool is_able = (terminal.attached && !terminal.dumb) || terminal.force_color;
    const bool can_color = is_able && !terminal.no_color;
    const bool colored = color == ColorWhen::always || (color == ColorWhen::automatic && can_color);
    const bool ascii = !terminal.utf8 || (terminal.attached && terminal.dumb);
    return {.columns = terminal.attached ? terminal.columns : 0,
            .glyphs = ascii ? Glyphs::ascii : Glyphs::unicode,
            .paint = Painter(colored ? Painter::Color::on : Painter::Color::off)};
}

}  // namespace cachectl
