// The tokens of SQL, in the dialect of a table of rules. It works on a piece of the text and says
// when it needs more, so that a statement of a gigabyte goes through a small window.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dump/sql/dialect.hpp"

namespace cachectl {

enum class SqlTokenKind {
    end,         // of the input
    word,        // a keyword or a name without quotes; with its @ in MySQL
    name,        // in its quotes
    string,      // '…', $tag$…$tag$, and "…" where that is a string
    bytes,       // X'…' or 0x…: hex digits
    bits,        // B'…' or 0b…
    number,      // with its sign
    symbol,      // any other character
    terminator,  // of a statement: ; or what DELIMITER said, a line GO, psql's \gexec
};

struct SqlToken {
    SqlTokenKind kind = SqlTokenKind::end;
    char symbol = '\0';        // of a symbol; of a name or a string the quote, '$' for $tag$
    bool doubled = false;      // holds doubled quotes that stand for one
    bool backslashes = false;  // holds backslashes that escape
    bool unicode = false;      // U&'…': backslashes with code points
    bool coded = false;        // a number that is not written plainly: 0x1F, 1_000
    std::size_t begin = 0;     // offsets in the text
    std::size_t end = 0;
    std::size_t inner_begin = 0;  // what is between the quotes, or behind 0x
    std::size_t inner_end = 0;
};

inline bool is_symbol(const SqlToken& token, char symbol) {
    return token.kind == SqlTokenKind::symbol && token.symbol == symbol;
}

class SqlLexer {
public:
    enum class Result {
        token,
        more,      // the text ends before the token is known
        unclosed,  // the input ends within what began at the token's `begin`
    };
    enum class Ending { open, final };

    explicit SqlLexer(const SqlRules& rules);

    /// Goes on from `at` past whitespace and comments and takes the next token. After `more`, call
    /// again with a longer text and the same `at`, or with both cut by what lies before `at`.
    Result scan(std::string_view text, std::size_t& at, Ending ending, SqlToken& token);

    [[nodiscard]] const SqlRules& rules() const noexcept { return *m_rules; }
    /// In words, after `unclosed`: "string", "comment" …
    [[nodiscard]] std::string_view unclosed() const noexcept { return m_unclosed; }

    /// What the session has set: whether backslashes escape within '…', and whether "…" is a name.
    void set_backslash_escapes(bool on) noexcept { m_backslash_escapes = on; }
    void set_ansi_quotes(bool on) noexcept { m_ansi_quotes = on; }
    [[nodiscard]] bool backslash_escapes() const noexcept { return m_backslash_escapes; }
    [[nodiscard]] bool ansi_quotes() const noexcept { return m_ansi_quotes; }
    void set_delimiter(std::string_view delimiter) { m_delimiter = delimiter; }

    /// Gets every comment line ("-- …") and every line for the client ("\connect …").
    void on_aside(std::function<void(std::string_view line)> hook) { m_on_aside = std::move(hook); }

private:
    enum class Step { done, again, more, unclosed };
    struct Quoting {
        char close;
        bool backslash;
    };

    Result take(std::string_view text, std::size_t at, SqlToken& token);
    Result scan_quoted(std::string_view text, std::size_t inner, Quoting quoting, SqlToken& token);
    Result scan_dollar(std::string_view text, SqlToken& token);
    Result scan_number(std::string_view text, SqlToken& token);
    Result scan_bytes(std::string_view text, std::size_t here, SqlToken& token);
    Result scan_based(std::string_view text, std::size_t here, SqlToken& token);
    Result scan_word(std::string_view text, SqlToken& token);
    Result scan_prefixed(std::string_view text, SqlToken& token);
    Result symbol(std::string_view text, SqlToken& token) const;
    Result need_more(std::string_view what);
    Step skip_space(std::string_view text, std::size_t& at);
    Step skip_line(std::string_view text, std::size_t& at);
    Step skip_command(std::string_view text, std::size_t& at);
    [[nodiscard]] std::size_t client_terminator(std::string_view text) const;
    Step skip_block(std::string_view text, std::size_t& at);
    Step open_executable(std::string_view text, std::size_t& at);
    [[nodiscard]] bool ends_word(std::string_view rest) const;
    [[nodiscard]] bool is_go_line(std::string_view text, const SqlToken& token) const;

    const SqlRules* m_rules;
    bool m_backslash_escapes;
    bool m_ansi_quotes = false;
    std::string m_delimiter = ";";
    std::function<void(std::string_view)> m_on_aside;
    std::string_view m_unclosed;
    bool m_final = false;
    bool m_executable = false;  // within /*! … */
    bool m_line_begins = true;  // nothing but space stands before the token on its line
    std::size_t m_searched =
        0;            // behind `at`: how far the last call has searched without finding an end
    int m_depth = 0;  // of the comment being skipped
    bool m_doubled = false;  // of the string being scanned
    bool m_backslashes = false;
};

}  // namespace cachectl
