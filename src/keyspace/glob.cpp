#include "keyspace/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cachectl {

namespace {

constexpr std::size_t k_costly_stars = 4;
constexpr std::size_t k_costly_bytes = 512;
constexpr std::size_t k_none = std::string_view::npos;

struct ClassResult {
    bool accepts;
    bool closed;  // its ']' was there
};

/// `at` stands behind the '[' and is moved behind the class.
ClassResult match_class(std::string_view pattern, std::size_t& at, char byte) {
    const auto left = [&] { return pattern.size() - at; };
    const auto order = [](char c) { return static_cast<signed char>(c); };
    const bool negated = left() > 0 && pattern[at] == '^';
    if (negated) {
        ++at;
    }
    bool found = false;
    bool closed = false;
    while (left() > 0 && !closed) {
        const char c = pattern[at];
        if (c == '\\' && left() >= 2) {
            found |= pattern[at + 1] == byte;
            at += 2;
        } else if (c == ']') {
            closed = true;
            ++at;
        } else if (left() >= 3 && pattern[at + 1] == '-') {
            const auto first = order(c);
            const auto last = order(pattern[at + 2]);
            const auto value = order(byte);
            found |= value >= std::min(first, last) && value <= std::max(first, last);
            at += 3;
        } else {
            found |= c == byte;
            ++at;
        }
    }
    return {found != negated, closed};
}

/// Whether the element at `at` (anything but '*') accepts `byte`; `at` is moved behind it.
/// Every such element stands for exactly one byte, which is what makes backtracking to the
/// last star alone sufficient.
bool match_element(std::string_view pattern, std::size_t& at, char byte) {
    const char c = pattern[at++];
    switch (c) {
        case '?':
            return true;
        case '[':
            return match_class(pattern, at, byte).accepts;
        case '\\':
            if (at < pattern.size()) {
                return pattern[at++] == byte;
            }
            return byte == '\\';
        default:
            return c == byte;
    }
}

bool is_special(char c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
    // SCAN takes "*" for "no pattern"; every other non-empty pattern misses the empty key.
    if (pattern == "*") {
        return true;
    }
    if (text.empty()) {
        return pattern.empty();
    }

    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t after_star = k_none;  // where the pattern resumes behind the last star
    std::size_t star_end = 0;         // where in the text that star ends for now
    while (t < text.size()) {
        if (p < pattern.size()) {
            if (pattern[p] == '*') {
                while (p < pattern.size() && pattern[p] == '*') {
                    ++p;
                }
                if (p == pattern.size()) {
                    return true;
                }
                after_star = p;
                star_end = t;
            }
            std::size_t next = p;
            if (match_element(pattern, next, text[t])) {
                p = next;
                ++t;
                continue;
            }
        }
        if (after_star == k_none) {
            return false;
        }
        ++star_end;
        if (const char wanted = pattern[after_star]; !is_special(wanted)) {
            const auto* found = std::memchr(text.data() + star_end, wanted, text.size() - star_end);
            if (found == nullptr) {
                return false;
            }
            star_end = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
        }
        p = after_star;
        t = star_end;
    }
    // No text is left: a longer last star would only leave less of it for what must follow.
    return pattern.find_first_not_of('*', p) == k_none;
}

bool is_catch_all(std::string_view pattern) {
    constexpr std::string_view k_any_byte = "[^]";
    while (!pattern.empty()) {
        if (pattern.front() == '*' || pattern.front() == '?') {
            pattern.remove_prefix(1);
        } else if (pattern.starts_with(k_any_byte)) {
            pattern.remove_prefix(k_any_byte.size());
        } else {
            return false;
        }
    }
    return true;
}

bool has_glob_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_special);
}

std::string escape_glob(std::string_view text) {
    std::string pattern;
    pattern.reserve(text.size());
    for (const char c : text) {
        if (is_special(c)) {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

std::string literal_prefix(std::string_view pattern) {
    std::string prefix;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        char c = pattern[at];
        if (c == '\\' && at + 1 < pattern.size()) {
            c = pattern[++at];
        } else if (c == '*' || c == '?' || c == '[') {
            break;
        }
        prefix += c;
    }
    return prefix;
}

std::optional<std::string> glob_problem(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t start = at;
        const char c = pattern[at++];
        if (c == '\\') {
            if (at == pattern.size()) {
                return fmt::format(
                    "pattern '{}' ends in a single '\\', which the server matches as a backslash; "
                    "write '\\\\' if that is meant",
                    pattern);
            }
            ++at;
        } else if (c == '[' && !match_class(pattern, at, '\0').closed) {
            return fmt::format(
                "pattern '{}' has a '[' at byte {} without its ']': the server matches one byte of "
                "'{}' there and nothing behind it; write '\\[' for a bracket in the key",
                pattern, start + 1, pattern.substr(start + 1));
        }
    }
    return std::nullopt;
}

bool matches_nothing(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at).starts_with("[]")) {
            return true;
        }
        if (pattern[at] == '*') {
            ++at;
        } else {
            match_element(pattern, at, '\0');
        }
    }
    return false;
}

bool is_costly(std::string_view pattern) {
    if (pattern.size() > k_costly_bytes) {
        return true;
    }
    std::size_t stars = 0;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '*') {
            match_element(pattern, at, '\0');
            continue;
        }
        ++stars;
        while (at < pattern.size() && pattern[at] == '*') {
            ++at;
        }
    }
    return stars > k_costly_stars;
}

}  // namespace cachectl
