#include "stats/overview_lines.hpp"

#include <algorithm>

#include "output/chart.hpp"
#include "output/escape.hpp"
#include "output/styled_line.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_label = 11;  // columns
constexpr std::size_t k_figure = 25;
constexpr std::size_t k_narrowest_bar = 8, k_widest_bar = 30, k_widest_note = 36;

}  // namespace

void OverviewLines::barred(std::string_view label, const std::string& figure, double fraction,
                           const std::string& note, Style style) {
    const std::size_t begin = k_label + k_figure;
    const std::size_t room = m_columns > begin ? m_columns - begin : 0;
    // All bars of a view are of one scale. A narrow one has its notes below.
    const bool beside = room >= k_narrowest_bar + k_widest_note;
    const std::size_t width =
        beside ? std::min(k_widest_bar, room - k_widest_note) : std::min(k_widest_bar, room);
    const bool fits = beside && begin + width + 1 + display_width(note) <= m_columns;
    StyledLine line(m_display);
    line.add(label, Style::bold).pad_to(k_label).add(figure);
    line.pad_to(begin).add(bar(fraction, width, m_display.glyphs), style);
    if (fits) {
        line.pad_to(begin + width + 1).add(note);
    }
    m_lines.push_back(line.text(m_columns));
    if (!fits && !note.empty()) {
        sentence("", note);
    }
}

void OverviewLines::sentence(std::string_view label, const std::string& text, Style style) {
    const std::size_t room = m_columns > k_label + 10 ? m_columns - k_label : 10;
    bool first = true;
    for (const std::string& words : wrap_words(escape_for_terminal(text), room)) {
        StyledLine line(m_display);
        line.add(first ? label : "", Style::bold).pad_to(k_label).add_escaped(words, style);
        m_lines.push_back(line.text(m_columns));
        first = false;
    }
}

void OverviewLines::attention(const Attention& attention, const std::string& command) {
    const Style style = attention.level == Attention::Level::act ? Style::red : Style::yellow;
    const std::size_t room = std::max<std::size_t>(m_columns, 12) - 2;
    std::vector<std::string> lines;
    if (attention.section.empty()) {
        lines = wrap_words(escape_for_terminal(attention.sentence), room);
    } else {
        lines = wrap_words(escape_for_terminal(attention.sentence + ':'), room);
        const std::string more = escape_for_terminal(command + " stats " + attention.section);
        // A command that is to be copied is not broken.
        if (display_width(lines.back()) + 1 + display_width(more) <= room) {
            lines.back() += ' ' + more;
        } else {
            lines.push_back(more);
        }
    }
    const char* mark = "! ";
    for (const std::string& words : lines) {
        m_lines.push_back(StyledLine(m_display).add_escaped(mark + words, style).text(m_columns));
        mark = "  ";
    }
}

}  // namespace cachectl
