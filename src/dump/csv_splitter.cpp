#include "dump/csv_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace cachectl {

namespace {

std::size_t find_stop_byte(std::string_view text, std::size_t from,
                           const std::array<bool, 256>& stops) {
    while (from < text.size() && !stops[static_cast<unsigned char>(text[from])]) {
        ++from;
    }
    return from;
}

}  // namespace

CsvSplitter::CsvSplitter(const CsvSyntax& syntax) : m_syntax(syntax) {
    m_stops[static_cast<unsigned char>(syntax.line_end)] = true;
    m_stops['"'] = syntax.quotes;
    m_stops[static_cast<unsigned char>(syntax.delimiter)] = true;
}

void CsvSplitter::reset() {
    m_state = State::field_start;
    m_position = 0;
    m_field = {};
    m_fields.clear();
    m_fault = nullptr;
}

void CsvSplitter::end_field(std::size_t end) {
    m_field.end = end;
    m_fields.push_back(m_field);
    m_state = State::field_start;
}

/// At the row's end, a CR belongs to the line end.
void CsvSplitter::end_unquoted(std::string_view text) {
    const bool cr =
        m_syntax.line_end == '\n' && m_position > m_field.begin && text[m_position - 1] == '\r';
    end_field(m_position - (cr ? 1 : 0));
}

/// Goes on by one state; true at the row's end.
bool CsvSplitter::step(std::string_view text) {
    const char c = text[m_position];
    switch (m_state) {
        case State::field_start:
            m_field = {m_position, m_position, c == '"' && m_syntax.quotes, false};
            m_state = m_field.quoted ? State::quoted : State::unquoted;
            if (m_field.quoted) {
                m_field.begin = ++m_position;
            }
            return false;
        case State::unquoted:
            m_position = find_stop_byte(text, m_position, m_stops);
            if (m_position == text.size()) {
                return false;
            }
            if (text[m_position] == m_syntax.line_end) {
                end_unquoted(text);
                ++m_position;
                return true;
            }
            if (text[m_position] == m_syntax.delimiter) {
                end_field(m_position);
            } else {
                m_fault = "a quote within a field that is not quoted";
            }
            ++m_position;
            return false;
        case State::quoted: {
            const void* quote =
                std::memchr(text.data() + m_position, '"', text.size() - m_position);
            m_position = text.size();
            if (quote != nullptr) {
                m_position =
                    static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
                m_field.end = m_position++;
                m_state = State::after_quote;
            }
            return false;
        }
        case State::after_quote:
            ++m_position;
            if (c == '"') {
                m_field.doubled = true;
                m_state = State::quoted;
            } else if (c == m_syntax.delimiter || c == m_syntax.line_end) {
                end_field(m_field.end);
                return c == m_syntax.line_end;
            } else {
                m_state = State::after_quoted_cr;
                m_position -= c == '\r' ? 0 : 1;
            }
            return false;
        case State::after_quoted_cr:
            if (c == '\n') {
                ++m_position;
                end_field(m_field.end);
                return true;
            }
            m_fault = "text behind a closing quote";
            m_state = State::unquoted;
            return false;
    }
    return false;
}

CsvSplitter::Result CsvSplitter::scan(std::string_view text) {
    while (m_position < text.size()) {
        if (step(text)) {
            return Result::complete;
        }
    }
    return Result::more;
}

bool CsvSplitter::finish(std::string_view text) {
    switch (m_state) {
        case State::quoted:
            return false;
        case State::field_start:
            m_field = {m_position, m_position, false, false};
            end_field(m_position);
            return true;
        case State::unquoted:
            end_unquoted(text);
            return true;
        case State::after_quote:
        case State::after_quoted_cr:
            end_field(m_field.end);
            return true;
    }
    return true;
}

void undouble_quotes(std::string_view text, std::string& out) {
    out.clear();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t quote = std::min(text.find('"', at), text.size() - 1);
        out.append(text, at, quote + 1 - at);
        at = quote + 2;  // behind the second of a doubled quote
    }
}

}  // namespace cachectl
