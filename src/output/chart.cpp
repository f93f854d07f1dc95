#include "output/chart.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace cachectl {

namespace {

constexpr std::size_t k_steps = 8;  // in one column
constexpr std::string_view k_left_blocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::string_view k_lower_blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view k_ascii_levels = ".:-=+*%#";
constexpr std::string_view k_shades[] = {"·", "░", "▒", "▓", "█"};
constexpr std::string_view k_ascii_shades = ".:+*#";

/// Steps out of `all`, rounded down, but not to nothing.
std::size_t steps_of(double fraction, std::size_t all) {
    if (!(fraction > 0)) {
        return 0;  // NaN too
    }
    const double exact = std::min(fraction, 1.0) * static_cast<double>(all);
    return std::max<std::size_t>(1, static_cast<std::size_t>(exact));
}

}  // namespace

std::string bar(double fraction, std::size_t width, Glyphs glyphs) {
    if (width == 0) {
        return "";
    }
    if (glyphs == Glyphs::ascii) {
        return std::string(steps_of(fraction, width), '#');
    }

    const std::size_t steps = steps_of(fraction, width * k_steps);
    std::string result;
    for (std::size_t i = 0; i < steps / k_steps; ++i) {
        result += "█";
    }
    result += k_left_blocks[steps % k_steps];
    return result;
}

std::string sparkline(std::span<const double> values, Glyphs glyphs) {
    double largest = 0;
    for (const double value : values) {
        if (std::isfinite(value)) {
            largest = std::max(largest, value);
        }
    }
    return sparkline(values, glyphs, largest);
}

std::string sparkline(std::span<const double> values, Glyphs glyphs, double largest) {
    std::string result;
    for (const double value : values) {
        if (std::isnan(value)) {
            result += ' ';
            continue;
        }
        const double fraction = largest > 0 ? std::clamp(value / largest, 0.0, 1.0) : 0;
        const auto level = static_cast<std::size_t>(std::lround(fraction * (k_steps - 1)));
        if (glyphs == Glyphs::ascii) {
            result += k_ascii_levels[level];
        } else {
            result += k_lower_blocks[level];
        }
    }
    return result;
}

std::string density(std::span<const double> values, double largest, Glyphs glyphs) {
    constexpr std::string_view k_ascii_densities = ":-=+*%#@";
    std::string result;
    for (const double value : values) {
        const std::size_t level = largest > 0 ? steps_of(value / largest, k_steps) : 0;
        if (level == 0) {
            result += glyphs == Glyphs::ascii ? "." : "·";
        } else if (glyphs == Glyphs::ascii) {
            result += k_ascii_densities[level - 1];
        } else {
            result += k_lower_blocks[level - 1];
        }
    }
    return result;
}

std::string heat_glyph(std::size_t step, Glyphs glyphs) {
    step = std::min(step, std::size(k_shades) - 1);
    return std::string(glyphs == Glyphs::unicode ? k_shades[step] : k_ascii_shades.substr(step, 1));
}

std::string heat_line(std::span<const double> values, std::span<const double> steps,
                      Glyphs glyphs) {
    std::string result;
    for (const double value : values) {
        if (std::isnan(value)) {
            result += '!';
            continue;
        }
        const auto step = std::upper_bound(steps.begin(), steps.end(), value) - steps.begin();
        result += heat_glyph(static_cast<std::size_t>(step), glyphs);
    }
    return result;
}

}  // namespace cachectl
