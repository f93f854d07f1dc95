#include "output/styled_line.hpp"

#include <doctest/doctest.h>

#include "util/text.hpp"

using namespace cachectl;

TEST_CASE("pieces stand where they are put") {
    const Display display;
    StyledLine line(display);
    line.add("a").pad_to(4).add("b").add_right("12", 10).pad_to(12);
    CHECK(line.width() == 12);
    CHECK(line.text(0) == "a   b   12");
    line = StyledLine(display);
    line.add("long label").pad_to(4).add("x").add_right("too far", 5);
    CHECK(line.text(0) == "long label x too far");
}

TEST_CASE("a line is cut to the columns, whole characters and their escapes") {
    const Display display;
    StyledLine line(display);
    line.add("\u65e5\u672c").add("\x1b[2J").add("end");
    CHECK(line.text(0) == "\u65e5\u672c\\x1b[2Jend");
    CHECK(display_width(line.text(5)) <= 5);
    CHECK(line.text(5).ends_with("\u2026"));
    line = StyledLine(display);
    line.add("12345").add("678");
    CHECK(line.text(8) == "12345678");
    CHECK(line.text(5) == "1234\u2026");
    CHECK(line.text(6) == "12345\u2026");
}

TEST_CASE("colours do not count as columns") {
    const Display display{.columns = 80, .paint = Painter(Painter::Color::on)};
    StyledLine line(display);
    line.add("ab", Style::red).add("cd").add("   ", Style::bold);
    CHECK(line.text(4) == "\x1b[31mab\x1b[0mcd");
    CHECK(line.text(3) == "\x1b[31mab\x1b[0m\u2026");
}
