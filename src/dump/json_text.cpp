#include "dump/json_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace cachectl {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* p, const char* end) {
    while (p != end && is_digit(*p)) {
        ++p;
    }
    return p;
}

/// The value of four hex digits, or -1.
int hex4(std::string_view text) {
    if (text.size() < 4) {
        return -1;
    }
    int value = 0;
    for (const char c : text.substr(0, 4)) {
        value <<= 4;
        if (is_digit(c)) {
            value += c - '0';
        } else if (c >= 'a' && c <= 'f') {
            value += c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            value += c - 'A' + 10;
        } else {
            return -1;
        }
    }
    return value;
}

void append_utf8(std::uint32_t code, std::string& out) {
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

/// What the letter after a backslash stands for, or 0 if it is no one-letter escape.
char one_letter_escape(char letter) {
    switch (letter) {
        case '"':
        case '\\':
        case '/':
            return letter;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return 0;
    }
}

/// Decodes the \uXXXX that `rest` begins with. `rest` goes past it and the other half of its pair.
const char* unescape_unicode(std::string_view& rest, std::string& out) {
    const int first = hex4(rest.substr(2));
    if (first < 0) {
        return "a \\u escape without four hex digits";
    }
    rest.remove_prefix(6);
    auto code = static_cast<std::uint32_t>(first);
    if (code >= 0xD800 && code < 0xE000) {
        const int second = rest.substr(0, 2) == "\\u" ? hex4(rest.substr(2)) : -1;
        if (code >= 0xDC00 || second < 0xDC00 || second > 0xDFFF) {
            return "a lone surrogate (\\uD800 to \\uDFFF) in a string";
        }
        rest.remove_prefix(6);
        code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00);
    }
    append_utf8(code, out);
    return nullptr;
}

enum class Above { stops, passes };

/// The first byte at or behind `from` that a JSON string cannot take as it is, or, if they stop
/// it, that is above ASCII; the text's size if there is none. Eight bytes at a time: most texts
/// have no such byte.
std::size_t find_special(std::string_view text, std::size_t from, Above above) {
    constexpr std::uint64_t k_ones = 0x0101010101010101;
    constexpr std::uint64_t k_tops = k_ones * 0x80;
    // Has the top bit of some byte set if and only if a byte is less than `limit`.
    const auto less = [](std::uint64_t word, std::uint64_t limit) {
        return (word - k_ones * limit) & ~word;
    };
    for (; from + 8 <= text.size(); from += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + from, 8);
        const std::uint64_t special = (above == Above::stops ? word : 0) | less(word, 0x20) |
                                      less(word ^ (k_ones * '"'), 1) |
                                      less(word ^ (k_ones * '\\'), 1);
        if ((special & k_tops) != 0) {
            break;
        }
    }
    const auto passes = [above](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && c != '"' && c != '\\' && (byte < 0x80 || above == Above::passes);
    };
    while (from < text.size() && passes(text[from])) {
        ++from;
    }
    return from;
}

}  // namespace

bool is_json_number(std::string_view token) noexcept {
    const char* p = token.data();
    const char* const end = p + token.size();
    if (p != end && *p == '-') {
        ++p;
    }
    const char* const whole = p;
    p = skip_digits(p, end);
    if (p == whole || (*whole == '0' && p - whole > 1)) {
        return false;
    }
    if (p != end && *p == '.') {
        const char* const fraction = ++p;
        p = skip_digits(p, end);
        if (p == fraction) {
            return false;
        }
    }
    if (p != end && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end && (*p == '+' || *p == '-')) {
            ++p;
        }
        const char* const exponent = p;
        p = skip_digits(p, end);
        if (p == exponent) {
            return false;
        }
    }
    return p == end;
}

const char* unescape_json(std::string_view inside, std::string& out) {
    while (true) {
        const std::size_t plain = std::min(inside.find('\\'), inside.size());
        out.append(inside, 0, plain);
        inside.remove_prefix(plain);
        if (inside.empty()) {
            return nullptr;
        }
        const char letter = inside.size() > 1 ? inside[1] : '\0';
        if (letter == 'u') {
            if (const char* why = unescape_unicode(inside, out)) {
                return why;
            }
        } else if (const char meant = one_letter_escape(letter)) {
            out += meant;
            inside.remove_prefix(2);
        } else {
            return "an unknown escape in a string";
        }
    }
}

bool append_json_string(std::string_view bytes, std::string& out) {
    const std::size_t begin = out.size();
    out += '"';
    Above above = Above::stops;
    std::size_t copied = 0;
    for (std::size_t i = 0; (i = find_special(bytes, i, above)) < bytes.size(); ++i) {
        const char c = bytes[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            // All before is ASCII, so whether it is UTF-8 is decided here, and once.
            if (!simdjson::validate_utf8(bytes.data() + i, bytes.size() - i)) {
                out.resize(begin);
                return false;
            }
            above = Above::passes;
            continue;
        }
        out.append(bytes, copied, i - copied);
        copied = i + 1;
        constexpr std::string_view k_letters = "btn?fr";  // from \b, which is 8; \v has none
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c >= '\b' && c <= '\r' && c != '\v') {
            out += '\\';
            out += k_letters[static_cast<std::size_t>(c - '\b')];
        } else {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        }
    }
    out.append(bytes, copied);
    out += '"';
    return true;
}

void minify_json(std::string_view json, std::string& out) {
    // minify() stores whole SIMD registers, so it may touch bytes past the last one that counts.
    out.resize(json.size() + simdjson::SIMDJSON_PADDING);
    std::size_t length = 0;
    if (simdjson::minify(json.data(), json.size(), out.data(), length) != simdjson::SUCCESS) {
        length = 0;
    }
    out.resize(length);
}

}  // namespace cachectl
