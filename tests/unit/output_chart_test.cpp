#include "output/chart.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace cachectl;

namespace {
constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double k_infinity = std::numeric_limits<double>::infinity();
std::string spark(const std::vector<double>& values, Glyphs glyphs = Glyphs::unicode) {
    return sparkline(values, glyphs);
}
}  // namespace

TEST_CASE("a bar is drawn in eighths of a column") {
    CHECK(bar(1, 4, Glyphs::unicode) == "████");
    CHECK(bar(0.5, 4, Glyphs::unicode) == "██");
    CHECK(bar(0.53125, 4, Glyphs::unicode) == "██▏");
    CHECK(bar(0.875, 1, Glyphs::unicode) == "▉");
    CHECK(bar(0.47, 16, Glyphs::unicode) == "███████▌");
}

TEST_CASE("a bar tells little from nothing and nearly all from all") {
    CHECK(bar(0, 4, Glyphs::unicode) == "");
    CHECK(bar(1e-9, 4, Glyphs::unicode) == "▏");
    CHECK(bar(0.9999, 4, Glyphs::unicode) == "███▉");
    CHECK(bar(1e-9, 4, Glyphs::ascii) == "#");
    CHECK(bar(0.9999, 4, Glyphs::ascii) == "###");
}

TEST_CASE("a bar of what is not a fraction is empty or full") {
    CHECK(bar(-1, 4, Glyphs::unicode) == "");
    CHECK(bar(k_nan, 4, Glyphs::unicode) == "");
    CHECK(bar(17, 4, Glyphs::unicode) == "████");
    CHECK(bar(k_infinity, 4, Glyphs::ascii) == "####");
    CHECK(bar(1, 0, Glyphs::unicode) == "");
    CHECK(bar(0.5, 0, Glyphs::ascii) == "");
}

TEST_CASE("a sparkline goes from nothing to its largest value") {
    CHECK(spark({0, 1, 2, 3, 4, 5, 6, 7}) == "▁▂▃▄▅▆▇█");
    CHECK(spark({70, 70}) == "██");
    CHECK(spark({0, 0}) == "▁▁");
    CHECK(spark({7, k_nan, -3, k_infinity}) == "█ ▁█");
    CHECK(spark({}) == "");
    CHECK(spark({0, 1, 2, 3, 4, 5, 6, 7, k_nan}, Glyphs::ascii) == ".:-=+*%# ");
}

TEST_CASE("densities are in proportion to one largest, and nothing is a dot") {
    const std::vector<double> values = {0, 1e-9, 0.5, 1};
    CHECK(density(values, 1, Glyphs::unicode) == "·▁▄█");
    CHECK(density(values, 1, Glyphs::ascii) == ".:+@");
    CHECK(density(values, 0, Glyphs::unicode) == "····");
}

TEST_CASE("a sparkline may be drawn against more than its largest value") {
    const std::vector<double> values{0, 0.5, 1, 2};
    CHECK(sparkline(values, Glyphs::unicode, 1) == "▁▅██");
}

TEST_CASE("a heat line is the darker the larger the value, with a mark where there is none") {
    const std::vector<double> values{0, 0.9, 1, 4, 5, 19, 20, 99, 100, k_infinity, k_nan};
    const std::vector<double> steps{1, 5, 20, 100};
    CHECK(heat_line(values, steps, Glyphs::unicode) == "··░░▒▒▓▓██!");
    CHECK(heat_line(values, steps, Glyphs::ascii) == "..::++**##!");
    CHECK(heat_line({}, steps, Glyphs::unicode).empty());
    CHECK(heat_glyph(9, Glyphs::unicode) == "█");
}
