#include "util/text.hpp"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace cachectl {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

/// How many leading bytes are ASCII, in steps of eight.
std::size_t ascii_prefix(std::string_view text) {
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        if ((word & 0x8080808080808080U) != 0) {
            break;
        }
    }
    return i;
}

/// wcwidth() answers for the thread's locale, and the program's own is the user's, often "C";
/// so it is asked under a UTF-8 one, whatever the user has.
class WidthLocale {
public:
    WidthLocale() : m_before(uselocale(shared())) {}
    ~WidthLocale() { uselocale(m_before); }
    WidthLocale(const WidthLocale&) = delete;
    WidthLocale& operator=(const WidthLocale&) = delete;

private:
    static locale_t shared() {
        static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return utf8;  // where there is none: null, which leaves the locale as it is
    }
    locale_t m_before;
};

}  // namespace

Utf8Step decode_utf8(std::string_view text) {
    const unsigned first = byte_at(text, 0);
    if (first < 0x80) {
        return {true, first, 1};
    }

    // Table 3-7 of the Unicode standard: only the second byte's range depends on the first byte.
    unsigned low = 0x80;
    unsigned high = 0xBF;
    std::size_t length = 0;
    char32_t code_point = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
        code_point = first & 0x1F;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        code_point = first & 0x0F;
        if (first == 0xE0) {
            low = 0xA0;  // overlong
        }
        if (first == 0xED) {
            high = 0x9F;  // surrogates
        }
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        code_point = first & 0x07;
        if (first == 0xF0) {
            low = 0x90;  // overlong
        }
        if (first == 0xF4) {
            high = 0x8F;  // beyond U+10FFFF
        }
    } else {
        return {false, 0, 1};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size() || byte_at(text, i) < low || byte_at(text, i) > high) {
            return {false, 0, i};
        }
        code_point = code_point << 6 | (byte_at(text, i) & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    return {true, code_point, length};
}

bool is_utf8(std::string_view text) {
    text.remove_prefix(ascii_prefix(text));
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.bytes);
    }
    return true;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view k_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = byte_at(bytes, i) << 16;
        if (have > 1) {
            group |= byte_at(bytes, i + 1) << 8;
        }
        if (have > 2) {
            group |= byte_at(bytes, i + 2);
        }
        result += k_digits[group >> 18];
        result += k_digits[group >> 12 & 63];
        result += have > 1 ? k_digits[group >> 6 & 63] : '=';
        result += have > 2 ? k_digits[group & 63] : '=';
    }
    return result;
}

std::string shell_word_if_needed(std::string_view text) {
    const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-:,+@%").find(c) != std::string_view::npos;
    });
    return is_plain ? std::string(text) : shell_word(text);
}

std::string shell_word(std::string_view text) {
    const bool plain =
        text.find("\\x") == std::string_view::npos &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    std::string word = plain ? "'" : "$'";
    for (const char c : text) {
        if (plain && c == '\'') {
            word += R"('\'')";
        } else if (plain || (c >= ' ' && c <= '~' && c != '\'' && c != '\\')) {
            word += c;
        } else {
            word += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        }
    }
    return word + '\'';
}

std::size_t display_width(std::string_view text) {
    std::size_t width = ascii_prefix(text);
    text.remove_prefix(width);
    if (text.empty()) {
        return width;
    }

    const WidthLocale utf8;
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        const int columns = step.valid ? ::wcwidth(static_cast<wchar_t>(step.code_point)) : 1;
        width += columns < 0 ? 1 : static_cast<std::size_t>(columns);
        text.remove_prefix(step.bytes);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t columns, std::string_view ellipsis) {
    if (display_width(text) <= columns) {
        return std::string(text);
    }
    const std::size_t ellipsis_width = display_width(ellipsis);
    if (ellipsis_width > columns) {
        return cut_to_width(ellipsis, columns, "");
    }

    std::size_t bytes = 0;
    std::size_t room = columns - ellipsis_width;
    while (bytes < text.size()) {
        const Utf8Step step = decode_utf8(text.substr(bytes));
        const std::size_t width = display_width(text.substr(bytes, step.bytes));
        if (width > room) {
            break;
        }
        room -= width;
        bytes += step.bytes;
    }
    return std::string(text.substr(0, bytes)).append(ellipsis);
}

std::string format_duration(std::chrono::milliseconds duration) {
    const bool negative = duration.count() < 0;
    const auto count = static_cast<std::uint64_t>(duration.count());
    const std::uint64_t ms = negative ? 0 - count : count;
    const std::uint64_t seconds = ms / 1000;
    const std::uint64_t minutes = seconds / 60;
    const std::uint64_t hours = minutes / 60;
    const std::uint64_t days = hours / 24;

    const auto two = [](std::uint64_t large, char large_unit, std::uint64_t small,
                        char small_unit) {
        return small == 0 ? fmt::format("{}{}", large, large_unit)
                          : fmt::format("{}{} {}{}", large, large_unit, small, small_unit);
    };
    std::string result;
    if (days > 0) {
        result = two(days, 'd', hours % 24, 'h');
    } else if (hours > 0) {
        result = two(hours, 'h', minutes % 60, 'm');
    } else if (minutes > 0) {
        result = two(minutes, 'm', seconds % 60, 's');
    } else if (const std::uint64_t tenths = ms / 100 % 10; seconds > 0 && tenths > 0) {
        result = fmt::format("{}.{}s", seconds, tenths);
    } else if (seconds > 0 || ms == 0) {
        result = fmt::format("{}s", seconds);
    } else {
        result = fmt::format("{}ms", ms);
    }
    return negative ? "-" + result : result;
}

std::string format_size(std::uint64_t bytes) {
    if (bytes < 1024) {
        return fmt::format("{} B", bytes);
    }
    constexpr const char* k_units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    // 1023.95 would be printed as 1024.0.
    while (value >= 1023.95 && unit + 1 < std::size(k_units)) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, k_units[unit]);
}

std::string format_count(std::uint64_t n) {
    std::string digits = fmt::format_int(n).str();
    for (std::size_t i = digits.size(); i > 3; i -= 3) {
        digits.insert(i - 3, 1, ',');
    }
    return digits;
}

std::string format_counted(std::uint64_t n, std::string_view noun) {
    return fmt::format("{} {}{}", format_count(n), noun, n == 1 ? "" : "s");
}

std::string format_rate(double per_second) {
    if (!(per_second > 0)) {
        return "0/s";
    }
    if (per_second < 999.5) {
        return fmt::format("{:.0f}/s", per_second);
    }
    constexpr const char* k_units[] = {"k", "M", "G"};
    double value = per_second / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(k_units)) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.{}f}{}/s", value, value < 9.95 ? 1 : 0, k_units[unit]);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> two_ago(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        current[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(two_ago, previous);
        std::swap(previous, current);
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1,
                                   previous[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) {
                current[j] = std::min(current[j], two_ago[j - 2] + 1);
            }
        }
    }
    return current[b.size()];
}

}  // namespace cachectl
