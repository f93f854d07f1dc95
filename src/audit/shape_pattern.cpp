#include "audit/shape_pattern.hpp"

#include <array>
#include <cstddef>

#include "keyspace/glob.hpp"
#include "usage/shape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::array<std::string_view, 5> k_placeholders = {"<n>", "<uuid>", "<hex>", "<id>",
                                                            "<date>"};

std::string literal_pattern(std::string_view text) {
    std::string pattern;
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        if (step.valid) {
            pattern += escape_glob(text.substr(0, step.bytes));
        } else {
            pattern.append(step.bytes, '?');
        }
        text.remove_prefix(step.bytes);
    }
    return pattern;
}

struct Token {
    enum class Kind { byte, any_byte, star };
    Kind kind;
    char byte = 0;
};

std::vector<Token> tokens_of(std::string_view pattern) {
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '*') {
            tokens.push_back({Token::Kind::star});
        } else if (pattern[i] == '?') {
            tokens.push_back({Token::Kind::any_byte});
        } else {
            i += pattern[i] == '\\' && i + 1 < pattern.size() ? 1 : 0;
            tokens.push_back({Token::Kind::byte, pattern[i]});
        }
    }
    return tokens;
}

}  // namespace

std::string segment_pattern(std::string_view segment) {
    const bool tagged = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    if (tagged) {
        return "{" + segment_pattern(segment.substr(1, segment.size() - 2)) + "}";
    }
    const std::string folded = fold_segment(segment);
    if (folded == segment) {
        return literal_pattern(segment);
    }
    for (const std::string_view placeholder : k_placeholders) {
        if (!folded.ends_with(placeholder)) {
            continue;
        }
        const std::string_view before =
            std::string_view(folded).substr(0, folded.size() - placeholder.size());
        if (segment.starts_with(before)) {
            return literal_pattern(before) + '*';
        }
    }
    return literal_pattern(segment);
}

bool may_match(std::string_view pattern, const Shape& shape, std::string_view delimiter) {
    using Kind = Token::Kind;
    const std::vector<Token> p = tokens_of(pattern), s = tokens_of(shape.pattern);
    std::size_t last_star = s.size();
    for (std::size_t j = 0; j < s.size(); ++j) {
        last_star = s[j].kind == Kind::star ? j : last_star;
    }
    const auto takes = [&](std::size_t j, const Token& token) {  // the shape's star at j
        const bool is_deep = shape.last_is_deep && j == last_star;
        return is_deep || delimiter.size() != 1 || token.kind != Kind::byte ||
               token.byte != delimiter.front();
    };
    // reach[j]: whether p from i on and s from j on have a text in common; from the end backwards.
    std::vector<char> below(s.size() + 1, 0), here(s.size() + 1, 0);
    for (std::size_t i = p.size() + 1; i-- > 0;) {
        for (std::size_t j = s.size() + 1; j-- > 0;) {
            const bool p_ends = i == p.size(), s_ends = j == s.size();
            bool match = p_ends && s_ends;
            if (!s_ends && s[j].kind == Kind::star) {
                match = match || here[j + 1] != 0 ||
                        (!p_ends && p[i].kind != Kind::star && takes(j, p[i]) && below[j] != 0);
            }
            if (!p_ends && p[i].kind == Kind::star) {
                match = match || below[j] != 0 || (!s_ends && here[j + 1] != 0);
            }
            if (!p_ends && !s_ends && p[i].kind != Kind::star && s[j].kind != Kind::star) {
                const bool same = p[i].kind == Kind::any_byte || s[j].kind == Kind::any_byte ||
                                  p[i].byte == s[j].byte;
                match = match || (same && below[j + 1] != 0);
            }
            here[j] = match ? 1 : 0;
        }
        std::swap(below, here);
    }
    return below[0] != 0;
}

}  // namespace cachectl
