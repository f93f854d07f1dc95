#include "dump/sql_expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "dump/sql_escapes.hpp"
#include "dump/sql_statement.hpp"

namespace cachectl {

namespace {

using Kind = SqlLiteral::Kind;

constexpr int k_max_depth = 64;

/// Nothing if the text grows by more than a dump's replacements ever do, which make it shorter.
std::optional<SqlResult> replace_all(const std::string& text, const std::string& what,
                                     const std::string& with) {
    constexpr std::size_t k_most_growth = 1024 * 1024;
    SqlResult result{Kind::text, {}};
    std::size_t from = 0;
    for (std::size_t at = 0; !what.empty() && (at = text.find(what, from)) != std::string::npos;) {
        result.text.append(text, from, at - from);
        result.text += with;
        from = at + what.size();
        if (result.text.size() > text.size() + k_most_growth) {
            return std::nullopt;
        }
    }
    result.text.append(text, from);
    return result;
}

class Evaluator {
public:
    Evaluator(std::string_view text, const std::vector<SqlToken>& tokens, const SqlRules& rules)
        : m_text(text), m_statement(text, tokens, rules), m_rules(rules) {}

    std::optional<SqlResult> run() {
        auto result = value(0);
        return m_statement.ended() ? result : std::nullopt;
    }

private:
    std::optional<SqlResult> value(int depth) {
        if (m_statement.ended() || depth > k_max_depth) {
            return std::nullopt;
        }
        if (m_statement.take_symbol('(')) {
            auto inner = value(depth + 1);
            return m_statement.take_symbol(')') ? inner : std::nullopt;
        }
        if (m_statement.at_symbol('-') || m_statement.at_symbol('+')) {
            return signed_number();
        }
        const bool call = m_statement.at_symbol('(', 1);
        if (call && m_statement.take_word("CAST")) {
            return cast(depth);
        }
        if (call && m_rules.dialect == SqlDialect::sqlite) {
            return function(depth);
        }
        if (m_statement.token().kind == SqlTokenKind::word && m_statement.text().front() == '_' &&
            m_rules.dialect == SqlDialect::mysql) {
            m_statement.skip();
        }
        return literal();
    }

    std::optional<SqlResult> literal() {
        if (m_statement.ended()) {
            return std::nullopt;
        }
        std::string scratch;
        const auto literal = decode_literal(m_text, m_statement.token(), m_rules.dialect, scratch);
        m_statement.skip();
        if (!literal) {
            return std::nullopt;
        }
        return SqlResult{literal->kind, std::string(literal->text)};
    }

    std::optional<SqlResult> signed_number() {
        const bool minus = m_statement.at_symbol('-');
        m_statement.skip();
        auto number = literal();
        if (!number || number->kind != Kind::number || number->text.find_first_of("+-") == 0) {
            return std::nullopt;
        }
        number->text.insert(0, minus ? "-" : "");
        return number;
    }

    /// A cast to what the column is anyway, as the tools write them, changes nothing of the text.
    std::optional<SqlResult> cast(int depth) {
        m_statement.skip();
        auto inner = value(depth + 1);
        if (!inner || !m_statement.take_word("AS")) {
            return std::nullopt;
        }
        bool known = m_statement.take_word("JSON") && inner->kind == Kind::text;
        if (!known && m_rules.dialect == SqlDialect::generic &&
            (inner->kind == Kind::text || inner->kind == Kind::number)) {
            for (const std::string_view type :
                 {"DATE", "TIME", "DATETIME", "DATETIME2", "SMALLDATETIME", "DATETIMEOFFSET",
                  "DECIMAL", "NUMERIC"}) {
                known = known || m_statement.take_word(type);
            }
            m_statement.skip_brackets();
        }
        return known && m_statement.take_symbol(')') ? inner : std::nullopt;
    }

    std::optional<SqlResult> function(int depth) {
        const auto name = m_statement.take_name();
        m_statement.skip();
        std::vector<SqlResult> arguments;
        do {
            auto argument = value(depth + 1);
            if (!argument) {
                return std::nullopt;
            }
            arguments.push_back(std::move(*argument));
        } while (m_statement.take_symbol(','));
        if (!m_statement.take_symbol(')')) {
            return std::nullopt;
        }
        const auto all = [&arguments](Kind kind) {
            return std::all_of(arguments.begin(), arguments.end(),
                               [kind](const SqlResult& result) { return result.kind == kind; });
        };
        if (is_sql_word(*name, "REPLACE") && arguments.size() == 3 && all(Kind::text)) {
            return replace_all(arguments[0].text, arguments[1].text, arguments[2].text);
        }
        if (is_sql_word(*name, "CHAR") && all(Kind::number)) {
            return characters(arguments);
        }
        if (is_sql_word(*name, "UNISTR") && arguments.size() == 1 && all(Kind::text)) {
            SqlResult result{Kind::text, {}};
            return append_unistr(arguments[0].text, result.text) ? std::optional(result)
                                                                 : std::nullopt;
        }
        return std::nullopt;
    }

    static std::optional<SqlResult> characters(const std::vector<SqlResult>& codes) {
        SqlResult result{Kind::text, {}};
        for (const SqlResult& code : codes) {
            std::uint32_t number = 0;
            const char* const end = code.text.data() + code.text.size();
            if (std::from_chars(code.text.data(), end, number).ptr != end ||
                !append_code_point(number, result.text)) {
                return std::nullopt;
            }
        }
        return result;
    }

    std::string_view m_text;
    SqlStatement m_statement;
    const SqlRules& m_rules;
};

}  // namespace

std::optional<SqlResult> evaluate_sql(std::string_view text, const SqlRules& rules,
                                      bool backslashes, bool ansi_quotes) {
    SqlLexer lexer(rules);
    lexer.set_backslash_escapes(backslashes);
    lexer.set_ansi_quotes(ansi_quotes);
    std::vector<SqlToken> tokens;
    SqlToken token;
    for (std::size_t at = 0;; at = token.end) {
        if (lexer.scan(text, at, SqlLexer::Ending::final, token) != SqlLexer::Result::token) {
            return std::nullopt;
        }
        if (token.kind == SqlTokenKind::end) {
            return Evaluator(text, tokens, rules).run();
        }
        tokens.push_back(token);
    }
}

}  // namespace cachectl
