// Numbers, and the bytes and bits that are written like these.
#include <algorithm>

#include "dump/sql/characters.hpp"
#include "dump/sql/lexer.hpp"

namespace cachectl {

SqlLexer::Result SqlLexer::scan_number(std::string_view text, SqlToken& token) {
    std::size_t here = token.begin;
    const bool groups = !m_rules->hex_numbers_are_bytes;
    const auto digits = [&] {
        while (here < text.size() && is_sql(text[here], k_sql_digit)) {
            ++here;
            if (groups && here < text.size() && text[here] == '_') {  // 1_000
                const bool last = here + 1 == text.size();
                if ((last && !m_final) || (!last && is_sql(text[here + 1], k_sql_digit))) {
                    token.coded = true;
                    ++here;
                }
            }
        }
    };
    const bool sign = text[here] == '-' || text[here] == '+';
    here += sign ? 1 : 0;
    const std::size_t whole = here;
    digits();
    if (here == text.size() && !m_final) {
        return Result::more;
    }
    if (here == whole + 1 && text[whole] == '0' && here < text.size()) {
        if (!groups && !sign && (text[here] == 'x' || text[here] == 'b')) {
            return scan_bytes(text, here, token);
        }
        const char base = lower_ascii(text[here]);
        const bool postgres = m_rules->dialect == SqlDialect::postgres;
        if (groups && (base == 'x' || (postgres && (base == 'o' || base == 'b')))) {
            return scan_based(text, here, token);
        }
    }
    bool found = here > whole;
    if (here < text.size() && text[here] == '.') {
        const std::size_t fraction = ++here;
        digits();
        found |= here > fraction;
    }
    if (here == text.size() && !m_final) {
        return Result::more;
    }
    if (!found) {
        return symbol(text, token);
    }
    if (here < text.size() && (text[here] == 'e' || text[here] == 'E')) {
        const std::size_t before = here++;
        here += here < text.size() && (text[here] == '-' || text[here] == '+') ? 1 : 0;
        const std::size_t exponent = here;
        digits();
        here = here == exponent ? before : here;
        if (here == before ? exponent == text.size() && !m_final
                           : here == text.size() && !m_final) {
            return Result::more;
        }
    }
    token.kind = SqlTokenKind::number;
    token.end = here;
    return Result::token;
}

/// 0x4142 or 0b101 as a string of bytes or bits, from its letter on.
SqlLexer::Result SqlLexer::scan_bytes(std::string_view text, std::size_t here, SqlToken& token) {
    token.kind = text[here] == 'x' ? SqlTokenKind::bytes : SqlTokenKind::bits;
    token.inner_begin = ++here;
    here = std::max(here, token.begin + m_searched);
    while (here < text.size() && is_sql(text[here], k_sql_hex)) {
        ++here;
    }
    if (here == text.size() && !m_final) {
        m_searched = here - token.begin;  // for it may be a blob of many megabytes
        return Result::more;
    }
    token.end = token.inner_end = here;
    return Result::token;
}

/// 0x1F, 0o17 and 0b11 as numbers, from the letter on. Without a digit behind it, it is a 0 and a
/// word.
SqlLexer::Result SqlLexer::scan_based(std::string_view text, std::size_t here, SqlToken& token) {
    const std::size_t digits = here + 1;
    std::size_t end = digits;
    while (end < text.size() && (is_sql(text[end], k_sql_hex) || text[end] == '_')) {
        ++end;
    }
    if (end == text.size() && !m_final) {
        return Result::more;
    }
    token.kind = SqlTokenKind::number;
    token.coded = end > digits;
    token.end = end > digits ? end : here;
    return Result::token;
}

}  // namespace cachectl
