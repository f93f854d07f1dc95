#include "output/escape.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace cachectl {

namespace {

struct CodePoints {
    char32_t first;
    char32_t last;
};

// Unicode 15: general categories Cc, Zl, Zp and Cf, of the last those that could deceive.
constexpr CodePoints k_unprintable[] = {
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL and C1
    {0x00AD, 0x00AD},    // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200B},    // zero width space
    {0x200E, 0x200F},    // left-to-right and right-to-left marks
    {0x2028, 0x202E},    // line and paragraph separators, bidirectional embeddings and overrides
    {0x2060, 0x206F},    // word joiner, invisible operators, bidirectional isolates
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // interlinear annotation
    {0xE0000, 0xE007F},  // tags
};

Charset g_charset = Charset::utf8;

bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '\\'; }

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// `text` begins with a backslash: would it be taken for an escape?
bool looks_like_escape(std::string_view text) {
    return text.size() >= 4 && text[1] == 'x' && is_hex_digit(text[2]) && is_hex_digit(text[3]);
}

void append_hex(std::string& result, std::string_view bytes) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        result += "\\x";
        result += k_digits[byte >> 4];
        result += k_digits[byte & 15];
    }
}

/// Valid characters stay if `stays` says so; see escape_for_terminal() for the backslash.
template <typename Stays>
std::string escape_others(std::string_view text, const Stays& stays) {
    std::string result;
    while (true) {
        const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
        result.append(text.begin(), special);
        text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
        if (text.empty()) {
            return result;
        }

        const Utf8Step step = decode_utf8(text);
        const std::string_view bytes = text.substr(0, step.bytes);
        const bool is_ambiguous = bytes == "\\" && looks_like_escape(text);
        if (step.valid && stays(step.code_point) && !is_ambiguous) {
            result += bytes;
        } else {
            append_hex(result, bytes);
        }
        text.remove_prefix(step.bytes);
    }
}

}  // namespace

void set_terminal_charset(Charset charset) { g_charset = charset; }

bool is_printable(char32_t code_point) {
    if (code_point < 0x7F) {
        return code_point >= 0x20;
    }
    if (g_charset == Charset::ascii) {
        return false;
    }
    return std::none_of(std::begin(k_unprintable), std::end(k_unprintable),
                        [&](const CodePoints& range) {
                            return range.first <= code_point && code_point <= range.last;
                        });
}

std::string escape_for_terminal(std::string_view text, Newlines newlines) {
    return escape_others(text, [&](char32_t c) {
        const bool is_kept = newlines == Newlines::keep && (c == '\n' || c == '\t');
        return is_kept || is_printable(c);
    });
}

std::string escape_invalid_utf8(std::string_view text) {
    return escape_others(text, [](char32_t) { return true; });
}

std::string unescape(std::string_view escaped) {
    const auto digit = [&](std::size_t at) {
        constexpr std::string_view k_digits = "0123456789abcdef";
        return at < escaped.size() ? k_digits.find(escaped[at]) : k_digits.npos;
    };
    std::string text;
    text.reserve(escaped.size());
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        const bool is_byte = escaped.substr(i, 2) == "\\x" && digit(i + 2) != escaped.npos &&
                             digit(i + 3) != escaped.npos;
        if (is_byte) {
            text += static_cast<char>(digit(i + 2) * 16 + digit(i + 3));
            i += 3;
        } else {
            text += escaped[i];
        }
    }
    return text;
}

}  // namespace cachectl
