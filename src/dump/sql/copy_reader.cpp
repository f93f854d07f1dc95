#include "dump/sql/copy_reader.hpp"

#include <algorithm>
#include <charconv>

namespace cachectl {

namespace {

/// The value of up to `most` digits of `base` at `at`, which goes past them; nothing if there are
/// none.
std::optional<char> take_code(std::string_view raw, std::size_t& at, std::size_t most, int base) {
    unsigned value = 0;
    const char* const begin = raw.data() + at;
    const char* const end = begin + std::min(most, raw.size() - at);
    const char* const behind = std::from_chars(begin, end, value, base).ptr;
    if (behind == begin) {
        return std::nullopt;
    }
    at += static_cast<std::size_t>(behind - begin);
    return static_cast<char>(value);
}

/// Goes through CSV up to the first delimiter outside of quotes; says whether it ends within them.
struct CsvScan {
    std::size_t end = 0;
    bool quoted = false;  // the field has quotes, so it is not null
    bool open = false;
};
CsvScan scan_csv(std::string_view text, const CopyFormat& format, bool whole_row) {
    CsvScan scan;
    for (; scan.end < text.size(); ++scan.end) {
        const char c = text[scan.end];
        if (scan.open) {
            const char next = scan.end + 1 < text.size() ? text[scan.end + 1] : '\0';
            if (c == format.escape && (next == format.quote || next == format.escape)) {
                ++scan.end;
            } else if (c == format.quote) {
                scan.open = false;
            }
        } else if (c == format.quote) {
            scan.open = scan.quoted = true;
        } else if (c == format.delimiter && !whole_row) {
            return scan;
        }
    }
    return scan;
}

void unquote_csv(std::string_view raw, const CopyFormat& format, std::string& out) {
    bool open = false;
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const char next = at + 1 < raw.size() ? raw[at + 1] : '\0';
        if (open && raw[at] == format.escape && (next == format.quote || next == format.escape)) {
            out += raw[++at];
        } else if (raw[at] == format.quote) {
            open = !open;
        } else {
            out += raw[at];
        }
    }
}

}  // namespace

bool is_open_row(std::string_view row, const CopyFormat& format) {
    return format.csv && scan_csv(row, format, true).open;
}

/// Where the value ends, in the text format. A delimiter within a value has a backslash before it.
std::size_t CopyLine::text_end(bool& escaped) const {
    std::size_t end = m_rest.find(m_format.delimiter);
    std::size_t backslash = 0;
    while ((backslash = m_rest.substr(0, end).find('\\', backslash)) != std::string_view::npos) {
        escaped = true;
        backslash += 2;
        end = backslash > end ? m_rest.find(m_format.delimiter, backslash) : end;
    }
    return end;
}

std::size_t CopyLine::csv_end(bool& quoted) const {
    const CsvScan scan = scan_csv(m_rest, m_format, false);
    quoted = scan.quoted;
    return scan.end;
}

std::optional<CopyLine::Field> CopyLine::next() {
    if (m_ended) {
        return std::nullopt;
    }
    Field field;
    const std::size_t end = m_format.csv ? csv_end(field.escaped) : text_end(field.escaped);
    m_ended = end >= m_rest.size();
    field.raw = m_rest.substr(0, end);
    m_rest.remove_prefix(std::min(m_ended ? m_rest.size() : end + 1, m_rest.size()));
    field.null = field.raw == m_format.null;
    return field;
}

void unescape_copy(std::string_view raw, const CopyFormat& format, std::string& out) {
    if (format.csv) {
        unquote_csv(raw, format, out);
        return;
    }
    std::size_t at = 0;
    while (true) {
        const std::size_t plain = std::min(raw.find('\\', at), raw.size());
        out.append(raw, at, plain - at);
        at = plain + 1;
        if (at >= raw.size()) {
            out.append(plain < raw.size() ? 1 : 0, '\\');
            return;
        }
        constexpr std::string_view k_letters = "bfnrtv";
        constexpr std::string_view k_meant = "\b\f\n\r\t\v";
        const char letter = raw[at];
        if (const std::size_t known = k_letters.find(letter); known != std::string_view::npos) {
            out += k_meant[known];
            ++at;
        } else if (letter == 'x') {
            ++at;
            out += take_code(raw, at, 2, 16).value_or(letter);
        } else if (letter >= '0' && letter <= '7') {
            out += take_code(raw, at, 3, 8).value_or(letter);
        } else {
            out += letter;
            ++at;
        }
    }
}

}  // namespace cachectl
