// Bytes from a server or a file, made harmless for a terminal: what is stored in a cache must not
// be able to send it escape sequences, nor to look like something else.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// What the terminal takes for characters. In one that is not UTF-8 the bytes 0x80 to 0x9F, which
/// UTF-8 has in the middle of letters, are controls.
enum class Charset { utf8, ascii };

/// Once, at the start: that of the terminal on stdout or stderr. Else it is UTF-8.
void set_terminal_charset(Charset charset);

/// False for what a terminal would act on or not show: controls (C0, DEL, C1), line and paragraph
/// separators, bidirectional controls and the other invisible format characters, except the
/// joiners U+200C and U+200D, which scripts and emoji are written with; in Charset::ascii for all
/// beyond ASCII.
bool is_printable(char32_t code_point);

enum class Newlines { escape, keep };

/// Printable UTF-8 stays; each other byte becomes \xNN, in lower case, newline and tab too (unless
/// kept, for a value of many lines; CR never is).
///
/// A backslash stays as it is, so that names with one can be read and copied, except where \xNN
/// would follow from it: that backslash becomes \x5c. So every \xNN in the result stands for
/// exactly one byte, and the result for exactly one text.
std::string escape_for_terminal(std::string_view text, Newlines newlines = Newlines::escape);

/// The same, but all valid UTF-8 stays: for formats that must be UTF-8 and are not meant for a
/// terminal.
std::string escape_invalid_utf8(std::string_view text);

/// The text that either of them has made `escaped` of.
std::string unescape(std::string_view escaped);

}  // namespace cachectl
