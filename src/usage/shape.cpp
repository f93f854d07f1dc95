#include "usage/shape.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cachectl {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_upper(c) || is_lower(c); }
constexpr bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <typename Is>
bool all_of(std::string_view text, Is is) {
    return std::all_of(text.begin(), text.end(), is);
}

template <typename Is>
bool any_of(std::string_view text, Is is) {
    return std::any_of(text.begin(), text.end(), is);
}

/// 'd' in `form` is a digit, 'x' a hexadecimal one; anything else is itself.
bool has_form(std::string_view text, std::string_view form) {
    return text.size() == form.size() &&
           std::equal(text.begin(), text.end(), form.begin(), [](char c, char f) {
               return f == 'd' ? is_digit(c) : f == 'x' ? is_hex(c) : c == f;
           });
}

int number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
    }
    return value;
}

bool is_month_and_day(std::string_view month, std::string_view day) {
    const int m = number(month), d = number(day);
    return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

bool is_year(std::string_view year) { return year.starts_with("19") || year.starts_with("20"); }

bool is_date(std::string_view text) {
    const std::string_view year = text.substr(0, 4);
    if (!is_year(year)) {
        return false;
    }
    if (has_form(text, "dddddddd")) {
        return is_month_and_day(text.substr(4, 2), text.substr(6, 2));
    }
    for (const std::string_view form : {"dddd-dd-dd", "dddd_dd_dd", "dddd.dd.dd", "dddd/dd/dd"}) {
        if (has_form(text.substr(0, form.size()), form)) {
            const bool alone = text.size() == form.size() || text[form.size()] == 'T' ||
                               text[form.size()] == ' ' || text[form.size()] == '-' ||
                               text[form.size()] == '_';
            return alone && is_month_and_day(text.substr(5, 2), text.substr(8, 2)) &&
                   !any_of(text.substr(form.size()), is_lower);
        }
    }
    return has_form(text, "dddd-dd") && is_month_and_day(text.substr(5, 2), "01");
}

/// As random identifiers are: digits among letters, of no word of a language.
bool is_random(std::string_view text) {
    constexpr std::size_t k_least = 16;
    if (text.size() < k_least || !all_of(text, [](char c) {
            return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '=' || c == '+' ||
                   c == '/';
        })) {
        return false;
    }
    std::size_t changes = 0;  // between digits, capitals and small letters
    const auto kind = [](char c) {
        return is_digit(c) ? 1 : is_upper(c) ? 2 : is_lower(c) ? 3 : 0;
    };
    for (std::size_t i = 1; i < text.size(); ++i) {
        changes += kind(text[i]) != kind(text[i - 1]) ? 1 : 0;
    }
    return any_of(text, is_digit) && any_of(text, is_letter) && changes * 4 >= text.size();
}

std::optional<std::string_view> placeholder(std::string_view text) {
    if (is_date(text)) {
        return "<date>";
    }
    if (all_of(text, is_digit)) {
        return "<n>";
    }
    if (has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) {
        return "<uuid>";
    }
    const bool mixed = any_of(text, is_digit) && any_of(text, is_letter);
    if (all_of(text, is_hex) && (text.size() >= 24 || (text.size() >= 8 && mixed))) {
        return "<hex>";
    }
    return is_random(text) ? std::optional<std::string_view>("<id>") : std::nullopt;
}

/// "user-42", "page=7", "item.3", "row12": a number behind a mark, or behind a word of three
/// letters or more; versions ("v3") are no ids.
std::optional<std::string> with_number(std::string_view text) {
    const std::size_t last = text.find_last_not_of("0123456789");
    if (last == std::string_view::npos || last + 1 == text.size() || last == 0) {
        return std::nullopt;
    }
    constexpr std::string_view k_marks = "-_.=#/@";
    constexpr std::size_t k_word = 3;
    const bool is_marked = k_marks.find(text[last]) != std::string_view::npos;
    const std::string_view word = text.substr(last + 1 - std::min(last + 1, k_word), k_word);
    if (!is_marked && !(last + 1 >= k_word && all_of(word, is_letter))) {
        return std::nullopt;
    }
    return std::string(text.substr(0, last + 1)) + "<n>";
}

}  // namespace

std::string fold_segment(std::string_view segment) {
    if (segment.empty()) {
        return {};
    }
    const bool tagged = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    if (tagged) {
        return "{" + fold_segment(segment.substr(1, segment.size() - 2)) + "}";
    }
    if (const auto id = placeholder(segment)) {
        return std::string(*id);
    }
    std::string text = with_number(segment).value_or(std::string(segment));
    if (text.front() == '<') {
        text.replace(0, 1, "\\x3c");
    }
    return text;
}

std::vector<std::string_view> split_key(std::string_view key, std::string_view delimiter,
                                        std::size_t most) {
    std::vector<std::string_view> segments;
    while (segments.size() + 1 < most) {
        const std::size_t end = key.find(delimiter);
        if (end == std::string_view::npos) {
            break;
        }
        segments.push_back(key.substr(0, end));
        key.remove_prefix(end + delimiter.size());
    }
    segments.push_back(key);
    return segments;
}

}  // namespace cachectl
