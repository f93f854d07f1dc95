#include "output/wrapped.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace cachectl {

void Wrapped::add(std::string_view separator, std::string_view text, Style style) {
    const std::size_t width = display_width(text);
    const bool fits = m_display.columns == 0 || m_column <= m_indent ||
                      m_column + separator.size() + width + 1 <= m_display.columns;
    if (!fits) {
        while (separator.ends_with(' ')) {
            separator.remove_suffix(1);
        }
        m_painted += separator;
        flush(style);
        m_text += '\n' + std::string(m_indent, ' ');
        m_column = m_indent;
    } else if (style == m_style) {
        m_painted += separator;
        m_column += separator.size();
    } else {
        flush(style);
        m_text += separator;
        m_column += separator.size();
    }
    m_painted += text;
    m_column += width;
}

void Wrapped::flush(Style next) {
    m_text += m_display.paint(m_style, m_painted);
    m_painted.clear();
    m_style = next;
}

void Wrapped::words(std::string_view separator, std::string_view sentence, Style style) {
    while (!sentence.empty()) {
        const std::size_t end = std::min(sentence.find(' '), sentence.size());
        add(separator, sentence.substr(0, end), style);
        sentence.remove_prefix(std::min(end + 1, sentence.size()));
        separator = " ";
    }
}

}  // namespace cachectl
