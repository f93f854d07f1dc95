// What stands between tokens: whitespace, comments, lines for the client.
#include <algorithm>
#include <array>

#include "dump/sql/characters.hpp"
#include "dump/sql/lexer.hpp"

namespace cachectl {

/// Past what stands before a token; `done` at a token, or at the end of the input.
SqlLexer::Step SqlLexer::skip_space(std::string_view text, std::size_t& at) {
    if (m_depth != 0) {
        return skip_block(text, at);
    }
    while (at < text.size() && is_sql(text[at], k_sql_space)) {
        m_line_begins |= text[at] == '\n';
        ++at;
    }
    if (at == text.size()) {
        return m_final ? Step::done : Step::more;
    }
    const char c = text[at];
    if (!is_sql(c, k_sql_aside)) {
        return Step::done;
    }
    const std::size_t left = text.size() - at;
    if (left < 3 && !m_final && c != '#' && c != '\\') {
        return Step::more;
    }
    const char second = left > 1 ? text[at + 1] : '\0';
    if (c == '\\' && (m_rules->meta_commands || m_rules->delimiter_command)) {
        return skip_command(text, at);
    }
    if (c == '#' && m_rules->hash_comments) {
        return skip_line(text, at);
    }
    if (c == '-' && second == '-' &&
        (!m_rules->dashes_want_space || left < 3 ||
         static_cast<unsigned char>(text[at + 2]) <= ' ')) {
        return skip_line(text, at);
    }
    if (c == '*' && second == '/' && m_executable) {
        m_executable = false;
        at += 2;
        return Step::again;
    }
    if (c == '/' && second == '*') {
        const char third = left > 2 ? text[at + 2] : '\0';
        if (m_rules->executable_comments && (third == '!' || third == 'M')) {
            return open_executable(text, at);
        }
        m_depth = 1;
        m_searched = 2;
        return skip_block(text, at);
    }
    return Step::done;
}

/// What a backslash begins: a line for the client, unless it ends the statement; then it is a
/// token.
SqlLexer::Step SqlLexer::skip_command(std::string_view text, std::size_t& at) {
    if (!m_final && text.find('\n', at) == std::string_view::npos) {
        return Step::more;
    }
    return m_rules->meta_commands && client_terminator(text.substr(at)) == 0 ? skip_line(text, at)
                                                                             : Step::done;
}

/// How many bytes of a command of psql or mysql that ends the statement before it `text` begins
/// with; 0 if it is another. psql's take the rest of the line as their arguments.
std::size_t SqlLexer::client_terminator(std::string_view text) const {
    if (!m_rules->meta_commands) {
        const bool sends = text.size() > 1 && (text[1] == 'g' || text[1] == 'G');
        return m_rules->delimiter_command && sends ? 2 : 0;
    }
    if (text.size() > 1 && text[1] == ';') {
        return 2;
    }
    constexpr std::array<std::string_view, 8> k_sending = {
        "g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "bind"};
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view command = line.substr(1, line.find_first_of(" \t\r\\;", 1) - 1);
    const bool sends = std::find(k_sending.begin(), k_sending.end(), command) != k_sending.end();
    return sends ? line.size() : 0;
}

SqlLexer::Step SqlLexer::skip_line(std::string_view text, std::size_t& at) {
    std::size_t end = text.find('\n', at + m_searched);
    if (end == std::string_view::npos) {
        if (!m_final) {
            // Nothing is remembered of where the search stood: lines of this kind are short.
            return Step::more;
        }
        end = text.size();
    }
    if (m_on_aside) {
        m_on_aside(text.substr(at, end - at));
    }
    at = end;
    return Step::again;
}

/// A comment of m_depth levels that begins at `at` and is searched up to m_searched behind it.
SqlLexer::Step SqlLexer::skip_block(std::string_view text, std::size_t& at) {
    std::size_t here = at + m_searched;
    while (m_depth != 0) {
        here = text.find_first_of("*/", here);
        if (here == std::string_view::npos || here + 1 >= text.size()) {
            m_searched = std::min(here, text.size()) - at;
            if (!m_final) {
                return Step::more;
            }
            m_unclosed = "comment";
            return Step::unclosed;
        }
        const bool closes = text[here] == '*' && text[here + 1] == '/';
        const bool opens = text[here] == '/' && text[here + 1] == '*' && m_rules->nested_comments;
        m_depth += opens ? 1 : closes ? -1 : 0;
        here += opens || closes ? 2 : 1;
    }
    at = here;
    m_searched = 0;
    return Step::again;
}

/// What stands in /*!40101 … */ is for MySQL to execute, whatever the version, and here to read.
/// "/*M!999999\- enable the sandbox mode */" is not: it speaks to the client.
SqlLexer::Step SqlLexer::open_executable(std::string_view text, std::size_t& at) {
    std::size_t here = at + 2;
    here += here < text.size() && text[here] == 'M' ? 1 : 0;
    if (here < text.size() && text[here] == '!') {
        ++here;
        while (here < text.size() && is_sql(text[here], k_sql_digit)) {
            ++here;
        }
        if (here < text.size() && text[here] != '\\') {
            m_executable = true;
            at = here;
            return Step::again;
        }
    }
    if (here >= text.size() && !m_final) {
        return Step::more;
    }
    m_depth = 1;
    m_searched = 2;
    return skip_block(text, at);
}

}  // namespace cachectl
