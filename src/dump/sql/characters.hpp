// The characters of SQL, by what they may be in a token. For the lexer and
// what skips statements.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cachectl {

inline constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

inline constexpr std::uint8_t k_sql_space = 1;
inline constexpr std::uint8_t k_sql_digit = 2;
inline constexpr std::uint8_t k_sql_word_start = 4;
inline constexpr std::uint8_t k_sql_hex = 8;
inline constexpr std::uint8_t k_sql_aside = 16;  // may begin or end a comment or a line aside

inline constexpr std::array<std::uint8_t, 256> k_sql_classes = [] {
    std::array<std::uint8_t, 256> classes{};
    for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) {
        classes[static_cast<unsigned char>(c)] = k_sql_space;
    }
    for (std::size_t c = '0'; c <= '9'; ++c) {
        classes[c] = k_sql_digit;
    }
    for (std::size_t c = 'a'; c <= 'z'; ++c) {
        classes[c] = classes[c - 'a' + 'A'] = k_sql_word_start;
    }
    for (std::size_t c = 0x80; c <= 0xFF; ++c) {
        classes[c] = k_sql_word_start;
    }
    classes['_'] = k_sql_word_start;
    for (const char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a',
                         'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F'}) {
        classes[static_cast<unsigned char>(c)] |= k_sql_hex;
    }
    for (const char c : {'-', '/', '#', '\\', '*'}) {
        classes[static_cast<unsigned char>(c)] |= k_sql_aside;
    }
    return classes;
}();

inline bool is_sql(char c, std::uint8_t wanted) {
    return (k_sql_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace cachectl
