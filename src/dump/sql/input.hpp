// A lexer over a source: tokens and lines of the stream, and where in the file they stand. The text
// stays in memory from the last drop() on, so whoever reads a long statement drops as it goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dump/source.hpp"
#include "dump/sql/lexer.hpp"

namespace cachectl {

class SqlInput {
public:
    /// `max_bytes` is how long the text between two drops may get.
    SqlInput(Source& source, const SqlRules& rules, std::size_t max_bytes);

    /// The next token, whose offsets are within text(). Throws Error(bad_input) where a string, a
    /// quoted name or a comment is never closed, or gets too long.
    const SqlToken& next();
    /// The last one.
    [[nodiscard]] const SqlToken& token() const noexcept { return m_token; }
    /// The next line without its end (LF, or CRLF), read as it is and dropped; nothing at the end
    /// of the input or if the last line has no end. A line of COPY data goes on behind an escaped
    /// line break.
    std::optional<std::string_view> take_copy_line();
    /// The same with its end, and without a thought for backslashes.
    std::optional<std::string_view> take_whole_line();
    /// What is left of the current line, with its end dropped.
    std::string_view take_rest_of_line();
    /// The line from the token on, without its end; nothing is read past.
    std::string_view line_from(const SqlToken& token);
    /// If what comes next is just this text, skips it; never waits for more to come.
    bool skip_known(std::string_view known);

    /// What was read since the last drop(); valid until the next token or line.
    [[nodiscard]] std::string_view text() const noexcept { return m_source.window(); }
    [[nodiscard]] std::string_view text_of(const SqlToken& token) const noexcept {
        return text().substr(token.begin, token.end - token.begin);
    }
    /// Forgets all up to the last token; offsets count from there.
    void drop();
    /// The same if it has become long, for whoever needs nothing of it.
    void drop_if_long();
    /// As if the last token, `token`, had not been read.
    void unread(const SqlToken& token) noexcept { m_at = token.begin; }

    /// Of the byte at that offset, from 1.
    [[nodiscard]] std::uint64_t line_at(std::size_t offset) const;
    /// Of the first line that take_copy_line() is to return.
    [[nodiscard]] std::uint64_t line() const { return line_at(m_at); }
    [[nodiscard]] SqlLexer& lexer() noexcept { return m_lexer; }
    [[nodiscard]] const SqlRules& rules() const noexcept { return m_lexer.rules(); }

    /// The same in bytes from the start of the input.
    [[nodiscard]] std::uint64_t byte_at(std::size_t offset) const {
        return m_source.offset() + offset;
    }

    /// The hint of errors for which there is none of their own.
    void set_hint(std::string hint) { m_hint = std::move(hint); }

    /// Throws Error(bad_input, "FILE:LINE: WHAT (byte N of the input)").
    [[noreturn]] void fail(std::size_t offset, std::string_view what, std::string hint = {}) const;
    [[noreturn]] void fail_at(std::uint64_t line, std::uint64_t byte, std::string_view what,
                              std::string hint = {}) const;
    /// The same at the end of what was read.
    [[noreturn]] void fail_at_end(std::string_view what, std::string hint = {}) const {
        fail(text().size(), what, std::move(hint));
    }

private:
    bool fill();
    void consume(std::size_t count);

    Source& m_source;
    SqlLexer m_lexer;
    std::size_t m_max_bytes;
    SqlToken m_token;
    std::size_t m_at = 0;      // where the next token is looked for
    std::uint64_t m_line = 1;  // where the text begins
    bool m_ended = false;
    std::string m_hint;
};

}  // namespace cachectl
