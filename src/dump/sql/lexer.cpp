#include "dump/sql/lexer.hpp"

#include <algorithm>
#include <cstring>

#include "dump/sql/characters.hpp"

namespace cachectl {

namespace {

bool continues_word(char c) { return is_sql(c, k_sql_word_start | k_sql_digit) || c == '$'; }

/// The first `c` from `p` on, or `end`.
const char* find(const char* p, const char* end, char c) {
    const void* const found = std::memchr(p, c, static_cast<std::size_t>(end - p));
    return found == nullptr ? end : static_cast<const char*>(found);
}

}  // namespace

SqlLexer::SqlLexer(const SqlRules& rules)
    : m_rules(&rules), m_backslash_escapes(rules.backslash_escapes) {}

SqlLexer::Result SqlLexer::need_more(std::string_view what) {
    if (!m_final) {
        return Result::more;
    }
    m_unclosed = what;
    return Result::unclosed;
}

SqlLexer::Result SqlLexer::scan(std::string_view text, std::size_t& at, Ending ending,
                                SqlToken& token) {
    m_final = ending == Ending::final;
    if (m_searched == 0 || m_depth != 0) {
        const bool begins_token =
            m_depth == 0 && at < text.size() && !is_sql(text[at], k_sql_space | k_sql_aside);
        Step step = begins_token ? Step::done : Step::again;
        while (step == Step::again) {
            step = skip_space(text, at);
        }
        if (step == Step::more) {
            return Result::more;
        }
        if (step == Step::unclosed) {
            token.begin = at;
            return Result::unclosed;
        }
        m_doubled = m_backslashes = false;
    }
    token = SqlToken{.begin = at};
    if (at == text.size()) {
        token.end = at;
        if (m_executable) {
            m_unclosed = "comment";
            return Result::unclosed;
        }
        token.kind = SqlTokenKind::end;
        return Result::token;
    }
    const Result result = take(text, at, token);
    if (result == Result::token) {
        m_searched = 0;
        m_line_begins = false;
    }
    return result;
}

SqlLexer::Result SqlLexer::take(std::string_view text, std::size_t at, SqlToken& token) {
    const char c = text[at];
    if (c == m_delimiter[0]) {
        const std::string_view here = text.substr(at, m_delimiter.size());
        if (here == m_delimiter) {
            token.kind = SqlTokenKind::terminator;
            token.end = at + here.size();
            return Result::token;
        }
        if (here.size() < m_delimiter.size() && !m_final) {
            return Result::more;
        }
    }
    switch (c) {
        case '\'':
            token.kind = SqlTokenKind::string;
            return scan_quoted(text, at + 1, {'\'', m_backslash_escapes}, token);
        case '"': {
            const bool string = m_rules->double_quoted_strings && !m_ansi_quotes;
            token.kind = string ? SqlTokenKind::string : SqlTokenKind::name;
            return scan_quoted(text, at + 1, {'"', string && m_backslash_escapes}, token);
        }
        case '`':
        case '[':
            if (c == '`' ? m_rules->backtick_names : m_rules->bracket_names) {
                token.kind = SqlTokenKind::name;
                return scan_quoted(text, at + 1, {c == '`' ? '`' : ']', false}, token);
            }
            return symbol(text, token);
        case '\\':
            // Where skip_space() stops at one, its line is there.
            if (const std::size_t length = client_terminator(text.substr(at)); length != 0) {
                token.kind = SqlTokenKind::terminator;
                token.end = at + length;
                return Result::token;
            }
            return symbol(text, token);
        case '$':
            return m_rules->dollar_strings ? scan_dollar(text, token) : symbol(text, token);
        case '-':
        case '+':
        case '.':
            return scan_number(text, token);
        default:
            break;
    }
    if (is_sql(c, k_sql_digit)) {
        return scan_number(text, token);
    }
    if (is_sql(c, k_sql_word_start) || (c == '@' && m_rules->executable_comments)) {
        return scan_word(text, token);
    }
    return symbol(text, token);
}

SqlLexer::Result SqlLexer::symbol(std::string_view text, SqlToken& token) const {
    token.kind = SqlTokenKind::symbol;
    token.symbol = text[token.begin];
    token.end = token.begin + 1;
    return Result::token;
}

SqlLexer::Result SqlLexer::scan_quoted(std::string_view text, std::size_t inner, Quoting quoting,
                                       SqlToken& token) {
    token.symbol = text[inner - 1];
    token.inner_begin = inner;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* p = begin + std::max(inner, token.begin + m_searched);
    const std::string_view what = token.kind == SqlTokenKind::name ? "quoted name" : "string";
    const char* close = begin;
    while (true) {
        close = close < p ? find(p, end, quoting.close) : close;
        p = quoting.backslash ? find(p, close, '\\') : close;
        // Whether a quote closes shows only behind it; and a backslash without what it escapes is
        // none yet.
        if (p == end || (p + 1 == end && (!m_final || *p != quoting.close))) {
            m_searched = static_cast<std::size_t>(p - begin) - token.begin;
            return need_more(what);
        }
        if (*p != quoting.close) {
            m_backslashes = true;
            p += 2;
        } else if (p + 1 != end && p[1] == quoting.close) {
            m_doubled = true;
            p += 2;
        } else {
            break;
        }
    }
    token.inner_end = static_cast<std::size_t>(p - begin);
    token.end = token.inner_end + 1;
    token.doubled = m_doubled;
    token.backslashes = m_backslashes;
    return Result::token;
}

/// $tag$ … $tag$, with a tag that may be empty.
SqlLexer::Result SqlLexer::scan_dollar(std::string_view text, SqlToken& token) {
    std::size_t tag_end = token.begin + 1;
    while (tag_end < text.size() && is_sql(text[tag_end], k_sql_word_start | k_sql_digit)) {
        ++tag_end;
    }
    if (tag_end == text.size() && !m_final) {
        return Result::more;
    }
    if (tag_end == text.size() || text[tag_end] != '$' ||
        is_sql(text[token.begin + 1], k_sql_digit)) {
        return symbol(text, token);
    }
    const std::string_view tag = text.substr(token.begin, tag_end + 1 - token.begin);
    token.inner_begin = tag_end + 1;
    const std::size_t from = std::max(token.inner_begin, token.begin + m_searched);
    const std::size_t close = text.find(tag, from);
    if (close == std::string_view::npos) {
        m_searched =
            std::max(from, text.size() - std::min(text.size(), tag.size() - 1)) - token.begin;
        return need_more("string");
    }
    token.kind = SqlTokenKind::string;
    token.symbol = '$';
    token.inner_end = close;
    token.end = close + tag.size();
    return Result::token;
}

SqlLexer::Result SqlLexer::scan_word(std::string_view text, SqlToken& token) {
    if (m_searched != 0) {
        return scan_prefixed(text, token);
    }
    std::size_t here = token.begin;
    while (here < text.size() && text[here] == '@') {
        ++here;
    }
    while (here < text.size() && continues_word(text[here]) && !ends_word(text.substr(here))) {
        ++here;
    }
    token.kind = SqlTokenKind::word;
    token.end = here;
    if (here == token.begin + 1 &&
        m_rules->string_letters.find(lower_ascii(text[token.begin])) != std::string_view::npos) {
        return scan_prefixed(text, token);
    }
    if (here == text.size() && !m_final) {
        return Result::more;
    }
    if (m_rules->go_lines && m_line_begins &&
        is_sql_word(text.substr(token.begin, here - token.begin), "GO")) {
        if (text.find('\n', here) == std::string_view::npos && !m_final) {
            return Result::more;
        }
        if (is_go_line(text, token)) {
            token.kind = SqlTokenKind::terminator;
        }
    }
    return Result::token;
}

/// As the "$$" of "END$$" does; a delimiter of letters stands by itself.
bool SqlLexer::ends_word(std::string_view rest) const {
    return rest.front() == '$' && rest.starts_with(m_delimiter);
}

bool SqlLexer::is_go_line(std::string_view text, const SqlToken& token) const {
    const std::string_view rest = text.substr(token.end, text.find('\n', token.end) - token.end);
    return std::all_of(rest.begin(), rest.end(), [](char c) { return is_sql(c, k_sql_space); });
}

/// A letter that may belong to the string behind it: E'…', N'…', X'…', B'…', U&'…'.
SqlLexer::Result SqlLexer::scan_prefixed(std::string_view text, SqlToken& token) {
    const char letter = lower_ascii(text[token.begin]);
    const std::size_t quote = token.begin + (letter == 'u' ? 2 : 1);
    if (quote >= text.size() && !m_final) {
        return Result::more;
    }
    if (quote >= text.size() || text[quote] != '\'' || (letter == 'u' && text[quote - 1] != '&')) {
        token.kind = SqlTokenKind::word;
        token.end = token.begin + 1;
        return Result::token;
    }
    token.kind = letter == 'x'   ? SqlTokenKind::bytes
                 : letter == 'b' ? SqlTokenKind::bits
                                 : SqlTokenKind::string;
    const bool backslash = letter == 'e' || (letter == 'n' && m_backslash_escapes);
    const Result result = scan_quoted(text, quote + 1, {'\'', backslash}, token);
    token.unicode = letter == 'u';
    return result;
}

}  // namespace cachectl
