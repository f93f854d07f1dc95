#include "output/display.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {
const Terminal k_terminal{.attached = true, .columns = 120};

std::string red(const Terminal& terminal, ColorWhen color) {
    return display_of(terminal, color).paint(Style::red, "x");
}
Terminal with(Terminal terminal, bool Terminal::*fact) {
    terminal.*fact = true;
    return terminal;
}
}  // namespace

TEST_CASE("only a terminal has a width") {
    CHECK(display_of(k_terminal, ColorWhen::automatic).columns == 120);
    CHECK(display_of(Terminal{}, ColorWhen::automatic).columns == 0);
}

TEST_CASE("colours are for a terminal that knows them and a user who wants them") {
    const char* painted = "\x1b[31mx\x1b[0m";
    CHECK(red(k_terminal, ColorWhen::automatic) == painted);
    CHECK(red(k_terminal, ColorWhen::never) == "x");
    CHECK(red(Terminal{}, ColorWhen::automatic) == "x");
    CHECK(red(with(k_terminal, &Terminal::dumb), ColorWhen::automatic) == "x");
    CHECK(red(with(k_terminal, &Terminal::no_color), ColorWhen::automatic) == "x");
    CHECK(red(with(Terminal{}, &Terminal::no_color), ColorWhen::always) == painted);
}

TEST_CASE("styles have their own escape sequences, nothing has none") {
    const Painter paint(Painter::Color::on);
    CHECK(paint(Style::bold, "x") == "\x1b[1mx\x1b[0m");
    CHECK(paint(Style::dim, "x") == "\x1b[2mx\x1b[0m");
    CHECK(paint(Style::yellow, "x") == "\x1b[33mx\x1b[0m");
    CHECK(paint(Style::green, "x") == "\x1b[32mx\x1b[0m");
    CHECK(paint(Style::cyan, "x") == "\x1b[36mx\x1b[0m");
    CHECK(paint(Style::plain, "x") == "x");
    CHECK(paint(Style::bold, "") == "");
    CHECK(Painter()(Style::bold, "x") == "x");
}

TEST_CASE("block characters need UTF-8 and a terminal that is not dumb") {
    CHECK(display_of(k_terminal, ColorWhen::automatic).glyphs == Glyphs::unicode);
    CHECK(display_of(Terminal{}, ColorWhen::automatic).glyphs == Glyphs::unicode);
    CHECK(display_of(with(k_terminal, &Terminal::dumb), ColorWhen::automatic).glyphs ==
          Glyphs::ascii);
    Terminal latin1 = k_terminal;
    latin1.utf8 = false;
    CHECK(display_of(latin1, ColorWhen::automatic).glyphs == Glyphs::ascii);
    CHECK(display_of(latin1, ColorWhen::automatic).ellipsis() == std::string("..."));
    CHECK(display_of(k_terminal, ColorWhen::automatic).ellipsis() == std::string("…"));
}
