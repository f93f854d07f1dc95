#include "output/wrapped.hpp"

#include <fmt/format.h>

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

std::vector<std::string> wrap_words(std::string_view text, std::size_t columns) {
    constexpr std::string_view k_command = "cachectl ";
    const std::size_t lead = std::min(text.find_first_not_of(' '), text.size());
    std::vector<std::string> lines = {std::string(lead, ' ')};
    text.remove_prefix(lead);
    std::size_t width = lead;
    bool begins = true, after_colon = false;
    while (!text.empty()) {
        const bool quoted = text.starts_with('`');
        std::size_t end = text.find(' ');
        if (quoted && text.substr(1).starts_with(k_command)) {
            end = text.find(' ', std::min(text.find('`', 1), text.size()));
        } else if (after_colon && text.starts_with(k_command)) {
            end = text.npos;
        }
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const std::size_t word_width = display_width(word);
        if (!begins && columns > 0 && width + 1 + word_width > columns) {
            lines.emplace_back();
            width = 0;
            begins = true;
        }
        if (!begins) {
            lines.back() += ' ';
            ++width;
        }
        lines.back() += word;
        width += word_width;
        begins = false;
        after_colon = word.ends_with(':');
    }
    return lines;
}

std::string wrapped_sentence(std::string_view text, const Display& display, std::size_t indent) {
    const std::size_t columns = display.columns;
    const std::size_t room = columns > indent ? columns - indent : columns;
    return fmt::format("{}\n", fmt::join(wrap_words(text, room), '\n' + std::string(indent, ' ')));
}

}  // namespace cachectl
