// The lines of an overview: a label, and beside it a figure with its bar, or sentences.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "output/display.hpp"
#include "stats/attention.hpp"

namespace cachectl {

class OverviewLines {
public:
    /// The display outlives this.
    OverviewLines(const Display& display, std::size_t columns)
        : m_display(display), m_columns(columns) {}

    /// A bar of `fraction` behind the figure. `note` is behind the bar, or on a line of its own
    /// where it would not fit.
    void barred(std::string_view label, const std::string& figure, double fraction,
                const std::string& note, Style style);

    /// Wrapped at words. Any bytes.
    void sentence(std::string_view label, const std::string& text, Style style = Style::plain);

    /// Behind it stands the command that tells more, whole, on a line of its own if need be.
    /// `command`: what it begins with.
    void attention(const Attention& attention, const std::string& command);

    void add(std::string line) { m_lines.push_back(std::move(line)); }
    void blank() { m_lines.emplace_back(); }
    std::vector<std::string> take() { return std::move(m_lines); }

private:
    const Display& m_display;
    std::size_t m_columns;
    std::vector<std::string> m_lines;
};

}  // namespace cachectl
