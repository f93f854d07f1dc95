// Text: UTF-8 one step at a time, how wide it stands on a terminal, and figures for people.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cachectl {

struct Utf8Step {
    bool valid = false;
    char32_t code_point = 0;  // only if valid
    std::size_t bytes = 0;    // how far to go on: at least 1
};

/// The first code point of `text`, which must not be empty. Overlong forms, surrogates, what lies
/// beyond U+10FFFF and cut sequences are invalid; `bytes` is then the maximal invalid subpart,
/// which stands for one U+FFFD (Unicode 15, section 3.9, "U+FFFD Substitution").
Utf8Step decode_utf8(std::string_view text);

bool is_utf8(std::string_view text);

/// RFC 4648, section 4, with padding.
std::string base64(std::string_view bytes);

/// `text` as one word of a shell command that can be pasted: in single quotes, or as $'…' (bash,
/// zsh, ksh) with octal escapes where a terminal would not show every byte as it is.
std::string shell_word(std::string_view text);

/// `text` as it is where a shell takes it as one word, else shell_word().
std::string shell_word_if_needed(std::string_view text);

/// Columns on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks.
/// Meant for escaped text; a control character or an invalid sequence counts as one column.
std::size_t display_width(std::string_view text);

/// `text` if it fits into `columns`, else as much of it as fits with `ellipsis` behind it; a
/// character is cut off whole, with its combining marks. Meant for escaped text.
std::string cut_to_width(std::string_view text, std::size_t columns, std::string_view ellipsis);

/// The two most significant units, the rest cut off: "6d 23h", "2h 5m", "59m 58s", "12.3s",
/// "350ms"; "0s" for nothing.
std::string format_duration(std::chrono::milliseconds duration);

/// "512 B", "4.0 MiB": powers of 1024, one digit after the point from KiB on.
std::string format_size(std::uint64_t bytes);

/// "6,740"
std::string format_count(std::uint64_t n);

/// "1 key", "6,740 keys"
std::string format_counted(std::uint64_t n, std::string_view noun);

/// "87/s", "4.2k/s", "310k/s", "1.2M/s": powers of 1000.
std::string format_rate(double per_second);

/// Puts `to` wherever `text` has `from`, which must not be empty.
void replace_all(std::string& text, std::string_view from, std::string_view to);

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace cachectl
