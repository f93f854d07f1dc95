#include "dump/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "util/error.hpp"

namespace cachectl {

CsvSplitter::CsvSplitter(char delimiter) : m_delimiter(delimiter) {
    m_stops['\n'] = true;
    m_stops['"'] = delimiter == ',';
    m_stops[static_cast<unsigned char>(delimiter)] = true;
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
    const bool cr = m_position > m_field.begin && text[m_position - 1] == '\r';
    end_field(m_position - (cr ? 1 : 0));
}

/// Goes on by one state; true at the row's end.
bool CsvSplitter::step(std::string_view text) {
    const char c = text[m_position];
    switch (m_state) {
        case State::field_start:
            m_field = {m_position, m_position, c == '"', false};
            m_state = c == '"' ? State::quoted : State::unquoted;
            if (c == '"') {
                m_field.begin = ++m_position;
            }
            return false;
        case State::unquoted:
            while (m_position < text.size() &&
                   !m_stops[static_cast<unsigned char>(text[m_position])]) {
                ++m_position;
            }
            if (m_position == text.size()) {
                return false;
            }
            if (text[m_position] == '\n') {
                end_unquoted(text);
                ++m_position;
                return true;
            }
            if (text[m_position] == m_delimiter) {
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
            } else if (c == m_delimiter || c == '\n') {
                end_field(m_field.end);
                return c == '\n';
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

CsvReader::CsvReader(Source& source, char delimiter, const ReaderOptions& options)
    : m_source(source),
      m_delimiter(delimiter),
      m_max_record_bytes(options.max_record_bytes),
      m_splitter(delimiter) {
    read_header();
}

std::string_view CsvReader::format_name() const { return m_delimiter == '\t' ? "TSV" : "CSV"; }

void CsvReader::fail(std::uint64_t line, std::string_view what) const {
    throw Error(ExitCode::bad_input, fmt::format("{}:{}: {}", m_source.name(), line, what));
}

/// Splits the next row; false at the end of the input.
bool CsvReader::read_row() {
    m_line = m_next_line;
    m_splitter.reset();
    while (true) {
        const auto result = m_splitter.scan(m_source.window());
        if (m_splitter.length() > m_max_record_bytes) {
            fail(m_line, fmt::format("a row is longer than {} bytes", m_max_record_bytes));
        }
        if (result == CsvSplitter::Result::complete) {
            break;
        }
        if (m_source.fill()) {
            continue;
        }
        const std::string_view rest = m_source.window();
        if (rest.empty()) {
            return false;
        }
        if (!m_splitter.finish(rest)) {
            const auto above = std::ranges::count(rest.substr(0, m_splitter.field_begin()), '\n');
            fail(m_line + static_cast<std::uint64_t>(above),
                 "the quote that opens here is never closed");
        }
        m_warning = fmt::format("{}:{}: the last line has no line end; was the file cut?",
                                m_source.name(), m_line);
        break;
    }
    m_row = m_source.window().substr(0, m_splitter.length());
    m_next_line += static_cast<std::uint64_t>(std::ranges::count(m_row, '\n'));
    m_source.consume(m_splitter.length());
    return true;
}

/// The field's text: within the row, or in `scratch` if quotes in it are doubled.
std::string_view CsvReader::text_of(const CsvSplitter::Field& field, std::string& scratch) const {
    const std::string_view text = m_row.substr(field.begin, field.end - field.begin);
    if (!field.doubled) {
        return text;
    }
    scratch.clear();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t quote = std::min(text.find('"', at), text.size() - 1);
        scratch.append(text, at, quote + 1 - at);
        at = quote + 2;  // the other one
    }
    return scratch;
}

void CsvReader::read_header() {
    if (!read_row()) {
        fail(1, "there is no header line");
    }
    if (m_splitter.fault() != nullptr) {
        fail(m_line, fmt::format("in the header: {}", m_splitter.fault()));
    }
    std::unordered_set<std::string_view> seen;
    for (const CsvSplitter::Field& field : m_splitter.fields()) {
        m_header.emplace_back(text_of(field, m_scratch));
    }
    for (std::size_t i = 0; i < m_header.size(); ++i) {
        if (m_header[i].empty()) {
            fail(m_line, fmt::format("in the header: column {} has no name", i + 1));
        }
        if (m_header[i].find('\r') != std::string::npos) {
            fail(m_line,
                 "in the header: a carriage return that ends no line; lines must end "
                 "with LF or CRLF");
        }
        if (!seen.insert(m_header[i]).second) {
            fail(m_line, fmt::format("in the header: two columns are named '{}'", m_header[i]));
        }
    }
    m_warning.clear();
}

void CsvReader::fill_record() {
    m_record.begin(m_line, m_row.size());
    for (std::size_t i = 0; i < m_header.size(); ++i) {
        const CsvSplitter::Field& field = m_splitter.fields()[i];
        const std::string_view text = text_of(field, m_scratch);
        if (text.empty() && !field.quoted) {
            m_record.add(m_header[i], ValueKind::null, {});
        } else {
            m_record.add(m_header[i], ValueKind::text, field.doubled ? m_record.keep(text) : text);
        }
    }
}

Next CsvReader::next() {
    while (read_row()) {
        const auto& fields = m_splitter.fields();
        const bool blank =
            fields.size() == 1 && !fields[0].quoted && fields[0].begin == fields[0].end;
        if (blank && m_header.size() > 1) {
            continue;
        }
        if (m_splitter.fault() != nullptr) {
            m_bad_row = {m_line, m_splitter.fault()};
            return Next::bad_row;
        }
        if (fields.size() != m_header.size()) {
            m_bad_row = {m_line,
                         fmt::format("it has {} {}, the header has {}", fields.size(),
                                     fields.size() == 1 ? "column" : "columns", m_header.size())};
            return Next::bad_row;
        }
        fill_record();
        return Next::record;
    }
    return Next::end;
}

}  // namespace cachectl
