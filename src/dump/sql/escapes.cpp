#include "dump/sql/escapes.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "dump/sql/dialect.hpp"

namespace cachectl {

namespace {

/// The value of exactly `count` hex digits that `text` begins with.
std::optional<char32_t> hex_number(std::string_view text, std::size_t count) {
    std::uint32_t value = 0;
    if (text.size() < count) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + count, value, 16);
    if (error != std::errc() || end != text.data() + count) {
        return std::nullopt;
    }
    return value;
}

bool is_high_surrogate(char32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(char32_t code) { return code >= 0xDC00 && code < 0xE000; }

}  // namespace

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower_ascii(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool CodePoints::add(char32_t code) {
    if (m_high != 0) {
        const char32_t high = std::exchange(m_high, 0);
        return is_low_surrogate(code) &&
               append_code_point(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), m_out);
    }
    if (is_high_surrogate(code)) {
        m_high = code;
        return true;
    }
    return append_code_point(code, m_out);
}

void append_mysql_escape(char letter, std::string& out) {
    switch (letter) {
        case '0':
            out += '\0';
            return;
        case 'b':
            out += '\b';
            return;
        case 'n':
            out += '\n';
            return;
        case 'r':
            out += '\r';
            return;
        case 't':
            out += '\t';
            return;
        case 'Z':
            out += '\x1A';
            return;
        case '%':
        case '_':
            out += '\\';
            break;
        default:
            break;
    }
    out += letter;
}

bool append_postgres_escape(std::string_view inner, std::size_t& at, CodePoints& codes,
                            std::string& out) {
    const char letter = inner[at++];
    switch (letter) {
        case 'b':
            out += '\b';
            return true;
        case 'f':
            out += '\f';
            return true;
        case 'n':
            out += '\n';
            return true;
        case 'r':
            out += '\r';
            return true;
        case 't':
            out += '\t';
            return true;
        case 'u':
        case 'U': {
            const std::size_t count = letter == 'u' ? 4 : 8;
            const auto code = hex_number(inner.substr(at), count);
            at += count;
            return code && codes.add(*code);
        }
        case 'x': {
            if (at == inner.size() || hex_digit(inner[at]) < 0) {
                out += letter;
                return true;
            }
            int value = 0;
            for (int i = 0; i < 2 && at < inner.size() && hex_digit(inner[at]) >= 0; ++i) {
                value = value * 16 + hex_digit(inner[at++]);
            }
            out += static_cast<char>(value);
            return true;
        }
        default:
            break;
    }
    if (letter < '0' || letter > '7') {
        out += letter;
        return true;
    }
    int value = letter - '0';
    for (int i = 0; i < 2 && at < inner.size() && inner[at] >= '0' && inner[at] <= '7'; ++i) {
        value = value * 8 + (inner[at++] - '0');
    }
    out += static_cast<char>(value);
    return true;
}

bool append_code_point(char32_t code, std::string& out) {
    const auto byte = [&out](char32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        if (is_high_surrogate(code) || is_low_surrogate(code)) {
            return false;
        }
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x110000) {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        return false;
    }
    return true;
}

bool append_unhexed(std::string_view digits, std::string& out) {
    if (digits.size() % 2 != 0) {
        return false;
    }
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_digit(digits[i]);
        const int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out += static_cast<char>(high * 16 + low);
    }
    return true;
}

bool append_unistr(std::string_view text, std::string& out) {
    CodePoints codes(out);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\' || text.substr(at).starts_with("\\\\")) {
            if (!codes.whole()) {
                return false;
            }
            out += text[at];
            at += text[at] == '\\' ? 2 : 1;
            continue;
        }
        const char letter = at + 1 < text.size() ? text[at + 1] : '\0';
        const std::size_t skip = letter == 'u' || letter == 'U' || letter == '+' ? 2 : 1;
        const std::size_t count = letter == '+' ? 6 : letter == 'U' ? 8 : 4;
        const auto code = hex_number(text.substr(std::min(at + skip, text.size())), count);
        if (!code || !codes.add(*code)) {
            return false;
        }
        at += skip + count;
    }
    return codes.whole();
}

std::string with_backslashes(std::string_view inner, char sign) {
    std::string plain;
    for (std::size_t at = 0; at < inner.size(); ++at) {
        const char c = inner[at];
        const bool doubled = at + 1 < inner.size() && inner[at + 1] == c;
        if (c == sign) {
            plain += doubled ? std::string(1, c) : "\\";
            at += doubled ? 1 : 0;
            continue;
        }
        plain += c == '\\' ? "\\\\" : std::string(1, c);
        at += c == '\'' && doubled ? 1 : 0;
    }
    return plain;
}

}  // namespace cachectl
