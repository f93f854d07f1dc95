// The escapes of SQL's strings, decoded one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cachectl {

/// Puts code points together that come as UTF-16 pairs.
class CodePoints {
public:
    explicit CodePoints(std::string& out) : m_out(out) {}
    /// Appends one, or keeps the first half of a pair; false if it is none.
    bool add(char32_t code);
    /// Does the second half of a pair not lack?
    [[nodiscard]] bool whole() const noexcept { return m_high == 0; }

private:
    std::string& m_out;
    char32_t m_high = 0;
};

/// What stands behind a backslash in MySQL.
/// https://dev.mysql.com/doc/refman/8.0/en/string-literals.html
void append_mysql_escape(char letter, std::string& out);

/// The same in PostgreSQL: `at` is behind the backslash and goes past the escape. False if it
/// stands for no character.
/// https://www.postgresql.org/docs/current/sql-syntax-lexical.html (4.1.2.2)
bool append_postgres_escape(std::string_view inner, std::size_t& at, CodePoints& codes,
                            std::string& out);

/// Appends the bytes that pairs of hex digits stand for; false if they are none.
bool append_unhexed(std::string_view digits, std::string& out);
/// The value of a hex digit, or -1.
int hex_digit(char c) noexcept;

/// Appends the text that SQLite's unistr() makes: \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX and \\; so
/// does U&'…' without \u and \U. False if an escape is none of these.
bool append_unistr(std::string_view text, std::string& out);

/// The inside of U&'…' UESCAPE 'SIGN' as unistr() takes it: a backslash for each SIGN, two for each
/// backslash, and doubled quotes as one.
std::string with_backslashes(std::string_view inner, char sign);

/// Appends a code point as UTF-8; false if it is none.
bool append_code_point(char32_t code, std::string& out);

}  // namespace cachectl
