// Sentences for people, which go on in another line where the terminal ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "output/color.hpp"
#include "output/display.hpp"

namespace cachectl {

/// Puts texts, which have been escaped, behind each other; where one has no room it begins a new
/// line, indented. A text by itself is never divided.
class Wrapped {
public:
    Wrapped(const Display& display, std::size_t indent) : m_display(display), m_indent(indent) {}

    /// At the end of a line the separator's spaces are left out.
    void add(std::string_view separator, std::string_view text, Style style = Style::plain);
    /// Text that may be divided at its spaces.
    void words(std::string_view separator, std::string_view sentence, Style style = Style::plain);

    /// With the newline.
    [[nodiscard]] std::string text() const {
        return m_text + m_display.paint(m_style, m_painted) + '\n';
    }

private:
    void flush(Style next);

    Display m_display;
    std::size_t m_indent;
    std::size_t m_column = 0;
    std::string m_text;
    // What is still to be painted, in one go for texts of one style.
    std::string m_painted;
    Style m_style = Style::plain;
};

/// Escaped text as lines of at most `columns` each (0: one line), divided at blanks; a word that is
/// wider than that has a line of its own. A command that somebody may copy is not divided: from
/// `cachectl to the closing backquote, and from : cachectl to the end.
std::vector<std::string> wrap_words(std::string_view text, std::size_t columns);
/// These lines, those after the first indented by `indent`.
std::string wrapped_sentence(std::string_view text, const Display& display, std::size_t indent = 0);

}  // namespace cachectl
