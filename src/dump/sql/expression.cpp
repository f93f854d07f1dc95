#include "dump/sql/expression.hpp"

#include <algorithm>
#include <vector>

#include "dump/sql/cast.hpp"
#include "dump/sql/escapes.hpp"
#include "dump/sql/function.hpp"
#include "dump/sql/statement.hpp"

namespace cachectl {

namespace {

using Kind = SqlLiteral::Kind;

constexpr int k_max_depth = 64;

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
        auto result = primary(depth);
        const bool casts =
            m_rules.dialect == SqlDialect::postgres || m_rules.dialect == SqlDialect::generic;
        while (result && casts && m_statement.at_symbol(':') && m_statement.at_symbol(':', 1)) {
            m_statement.skip();
            m_statement.skip();
            result = cast_to(std::move(*result), take_cast_type(m_statement));
        }
        return result;
    }

    std::optional<SqlResult> primary(int depth) {
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
        if (call && m_rules.dialect == SqlDialect::mysql && m_statement.take_word("CONVERT")) {
            return convert(depth);
        }
        if (m_rules.dialect == SqlDialect::postgres && m_statement.at_symbol('[', 1) &&
            m_statement.take_word("ARRAY")) {
            return array(depth);
        }
        if (call && m_rules.dialect == SqlDialect::sqlite) {
            return function(depth);
        }
        if (m_statement.token().kind == SqlTokenKind::word && m_statement.text().front() == '_' &&
            m_rules.dialect == SqlDialect::mysql) {
            m_statement.skip();
            return literal();
        }
        if (auto typed = typed_string()) {
            return typed;
        }
        return literal();
    }

    /// A second cast has to be of what the first has left alone.
    static std::optional<SqlResult> cast_to(SqlResult result, std::string type) {
        const bool plain = result.declared.empty() || result.inferred ||
                           is_any_sql_word(result.declared, {"TEXT", "VARCHAR", "UNKNOWN"}) ||
                           same_sql_name(result.declared, type);
        if (type.empty() || !plain) {
            return std::nullopt;
        }
        result.declared = std::move(type);
        result.inferred = false;
        return result;
    }

    /// DATE '2020-01-01', and any other type before a string.
    std::optional<SqlResult> typed_string() {
        const std::size_t before = m_statement.place();
        if (m_statement.token().kind == SqlTokenKind::word &&
            m_rules.dialect != SqlDialect::sqlite) {
            std::string type = take_cast_type(m_statement);
            if (!m_statement.ended() && m_statement.token().kind == SqlTokenKind::string &&
                !type.empty()) {
                auto text = literal();
                return text ? cast_to(std::move(*text), std::move(type)) : std::nullopt;
            }
        }
        m_statement.go_to(before);
        return std::nullopt;
    }

    [[nodiscard]] bool at_string() const {
        return !m_statement.ended() && m_statement.token().kind == SqlTokenKind::string;
    }

    std::optional<SqlResult> literal() {
        if (m_statement.ended()) {
            return std::nullopt;
        }
        const SqlToken first = m_statement.token();
        m_statement.skip();
        if (first.unicode && m_statement.take_word("UESCAPE")) {
            return with_escape(first);
        }
        std::string scratch;
        const auto literal = decode_literal(m_text, first, m_rules.dialect, scratch);
        if (!literal) {
            return std::nullopt;
        }
        SqlResult result{literal->kind, std::string(literal->text), {}, false};
        for (std::size_t end = first.end; literal->kind == Kind::text && at_string();) {
            const SqlToken& next = m_statement.token();
            if (!joins(first, next, m_text.substr(end, next.begin - end))) {
                return std::nullopt;
            }
            scratch.clear();
            const auto more = decode_literal(m_text, next, m_rules.dialect, scratch);
            if (!more) {
                return std::nullopt;
            }
            result.text += more->text;
            end = next.end;
            m_statement.skip();
        }
        return result;
    }

    /// Strings one behind the other are one: in MySQL wherever they stand, in PostgreSQL on lines
    /// of their own; there the escapes of the first go on.
    [[nodiscard]] bool joins(const SqlToken& first, const SqlToken& next,
                             std::string_view between) const {
        if (m_rules.dialect == SqlDialect::mysql) {
            return true;
        }
        const bool plain = m_text[next.begin] == '\'' && m_text[first.begin] != '$';
        const bool escapes = m_text[first.begin] != '\'';
        const std::string_view text = m_text.substr(next.begin, next.end - next.begin);
        return m_rules.dialect == SqlDialect::postgres && plain &&
               between.find('\n') != std::string_view::npos &&
               !(escapes && text.find('\\') != std::string_view::npos);
    }

    /// U&'…' UESCAPE '!'
    std::optional<SqlResult> with_escape(const SqlToken& token) {
        if (!at_string()) {
            return std::nullopt;
        }
        const SqlToken& escape = m_statement.token();
        if (escape.inner_end != escape.inner_begin + 1) {
            return std::nullopt;
        }
        const char sign = m_text[escape.inner_begin];
        m_statement.skip();
        const std::string_view inner =
            m_text.substr(token.inner_begin, token.inner_end - token.inner_begin);
        SqlResult result{Kind::text, {}, {}, false};
        return append_unistr(with_backslashes(inner, sign), result.text) ? std::optional(result)
                                                                         : std::nullopt;
    }

    /// Behind ARRAY: its text in PostgreSQL's form, each element in quotes.
    std::optional<SqlResult> array(int depth) {
        SqlResult result{Kind::text, "{", "numeric[]", true};
        m_statement.skip();
        while (!m_statement.at_symbol(']')) {
            if (result.text.size() > 1 && !m_statement.take_symbol(',')) {
                return std::nullopt;
            }
            const bool nested = m_statement.at_symbol('[') ||
                                (m_statement.at_word("ARRAY") && m_statement.at_symbol('[', 1));
            m_statement.take_word(nested ? "ARRAY" : "");
            auto element = depth > k_max_depth ? std::nullopt
                           : nested            ? array(depth + 1)
                                               : value(depth + 1);
            if (!element || (nested && !element->inferred)) {
                return std::nullopt;
            }
            add_element(*element, nested, result);
        }
        m_statement.skip();
        result.text += '}';
        return result;
    }

    static void add_element(const SqlResult& element, bool nested, SqlResult& array) {
        array.text += array.text.size() > 1 ? "," : "";
        if (nested) {
            array.text += element.text;
            array.declared = element.declared;
            return;
        }
        if (element.kind == Kind::null) {
            array.text += "NULL";
            return;
        }
        array.declared = !element.declared.empty()       ? element.declared + "[]"
                         : element.kind == Kind::number  ? array.declared
                         : element.kind == Kind::boolean ? "boolean[]"
                                                         : "text[]";
        array.text += '"';
        for (const char c : element.text) {
            array.text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        }
        array.text += '"';
    }

    /// CONVERT(… USING utf8mb4): the text is in UTF-8 already.
    std::optional<SqlResult> convert(int depth) {
        m_statement.skip();
        auto inner = value(depth + 1);
        const bool known = inner && inner->kind != Kind::bytes && m_statement.take_word("USING") &&
                           (m_statement.take_word("UTF8MB4") || m_statement.take_word("UTF8") ||
                            m_statement.take_word("UTF8MB3"));
        return known && m_statement.take_symbol(')') ? inner : std::nullopt;
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

    /// Behind CAST.
    std::optional<SqlResult> cast(int depth) {
        m_statement.skip();
        auto inner = value(depth + 1);
        if (!inner || !m_statement.take_word("AS")) {
            return std::nullopt;
        }
        if (m_rules.dialect == SqlDialect::sqlite) {
            return std::nullopt;
        }
        // SQL Server's scripts cast text and digits to what the column is; bytes are its own.
        if (m_rules.dialect == SqlDialect::generic && inner->kind == Kind::bytes) {
            return std::nullopt;
        }
        std::string type = take_cast_type(m_statement);
        if (is_any_sql_word(type, {"SIGNED", "UNSIGNED", "SIGNED INTEGER", "UNSIGNED INTEGER"})) {
            type = "integer";
        }
        return m_statement.take_symbol(')') ? cast_to(std::move(*inner), std::move(type))
                                            : std::nullopt;
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
        return call_sqlite(*name, arguments);
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
