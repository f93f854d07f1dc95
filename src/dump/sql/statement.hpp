// One statement, wholly in memory: its tokens, and a cursor to parse them with.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "dump/sql/encoding.hpp"
#include "dump/sql/lexer.hpp"
#include "dump/sql/literal.hpp"

namespace cachectl {

class SqlStatement {
public:
    /// `text` and `tokens` must outlive it; the tokens end before the terminator.
    /// Names that are not in UTF-8 are converted, if an encoding is given.
    SqlStatement(std::string_view text, const std::vector<SqlToken>& tokens, const SqlRules& rules,
                 SqlEncoding* encoding = nullptr)
        : m_text(text.substr(0, tokens.empty() ? 0 : tokens.back().end)),
          m_tokens(tokens),
          m_rules(rules),
          m_encoding(encoding) {}

    [[nodiscard]] bool ended() const noexcept { return m_at == m_tokens.size(); }
    /// The token that comes next; not at the end.
    [[nodiscard]] const SqlToken& token() const { return m_tokens[m_at]; }
    [[nodiscard]] std::string_view text() const { return text_of(m_at); }
    [[nodiscard]] const SqlRules& rules() const noexcept { return m_rules; }
    void skip() noexcept { m_at += ended() ? 0 : 1; }

    /// Does that word come next, or the one `ahead` tokens behind it? `upper` is in upper case.
    [[nodiscard]] bool at_word(std::string_view upper, std::size_t ahead = 0) const;
    [[nodiscard]] bool at_symbol(char symbol, std::size_t ahead = 0) const;
    /// The same, and goes past it.
    bool take_word(std::string_view upper);
    /// Past each of these words that comes next, in this order; false if none did.
    bool take_words(std::initializer_list<std::string_view> upper);
    bool take_symbol(char symbol);

    /// Past one token; the literal that it is, or nothing. Not at the end.
    std::optional<SqlLiteral> take_literal(std::string& scratch);
    /// A name, or nothing (and the place unchanged) if none comes next.
    std::optional<std::string> take_name();
    /// Names with dots between them; empty if none comes next.
    std::vector<std::string> take_path();
    /// Past "( … )" or "[ … ]" if it comes next; returns the text between.
    std::string_view skip_brackets();
    /// Past that, or else past one token.
    void skip_any();
    /// Past "( name, … )"; empty, and the place unchanged, if it is none.
    std::vector<std::string> take_names();

    [[nodiscard]] std::size_t place() const noexcept { return m_at; }
    void go_to(std::size_t place) noexcept { m_at = place; }

private:
    [[nodiscard]] std::string_view text_of(std::size_t index) const {
        const SqlToken& token = m_tokens[index];
        return m_text.substr(token.begin, token.end - token.begin);
    }

    std::string_view m_text;
    const std::vector<SqlToken>& m_tokens;
    const SqlRules& m_rules;
    SqlEncoding* m_encoding;
    std::size_t m_at = 0;
};

}  // namespace cachectl
