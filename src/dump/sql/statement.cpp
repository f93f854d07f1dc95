#include "dump/sql/statement.hpp"

namespace cachectl {

bool SqlStatement::at_word(std::string_view upper, std::size_t ahead) const {
    const std::size_t index = m_at + ahead;
    return index < m_tokens.size() && m_tokens[index].kind == SqlTokenKind::word &&
           is_sql_word(text_of(index), upper);
}

bool SqlStatement::at_symbol(char symbol, std::size_t ahead) const {
    const std::size_t index = m_at + ahead;
    return index < m_tokens.size() && m_tokens[index].kind == SqlTokenKind::symbol &&
           m_tokens[index].symbol == symbol;
}

bool SqlStatement::take_word(std::string_view upper) {
    const bool found = at_word(upper);
    m_at += found ? 1 : 0;
    return found;
}

bool SqlStatement::take_words(std::initializer_list<std::string_view> upper) {
    const std::size_t before = m_at;
    for (const std::string_view word : upper) {
        take_word(word);
    }
    return m_at != before;
}

bool SqlStatement::take_symbol(char symbol) {
    const bool found = at_symbol(symbol);
    m_at += found ? 1 : 0;
    return found;
}

std::optional<std::string> SqlStatement::take_name() {
    if (ended()) {
        return std::nullopt;
    }
    const SqlToken& token = m_tokens[m_at];
    const bool quoted = token.kind == SqlTokenKind::name ||
                        (token.kind == SqlTokenKind::string && token.symbol != '$');
    if (!quoted && token.kind != SqlTokenKind::word) {
        return std::nullopt;
    }
    ++m_at;
    std::string name = decode_name(m_text, token, m_rules);
    if (std::string converted; m_encoding != nullptr && m_encoding->append(name, converted)) {
        return converted;
    }
    return name;
}

std::optional<SqlLiteral> SqlStatement::take_literal(std::string& scratch) {
    return decode_literal(m_text, m_tokens[m_at++], m_rules.dialect, scratch);
}

std::vector<std::string> SqlStatement::take_path() {
    std::vector<std::string> path;
    do {
        auto name = take_name();
        if (!name) {
            return {};
        }
        path.push_back(std::move(*name));
    } while (take_symbol('.'));
    return path;
}

std::string_view SqlStatement::skip_brackets() {
    if (!at_symbol('(') && !at_symbol('[')) {
        return {};
    }
    const std::size_t begin = token().end;
    int depth = 0;
    while (!ended()) {
        depth += at_symbol('(') || at_symbol('[') ? 1 : 0;
        depth -= at_symbol(')') || at_symbol(']') ? 1 : 0;
        const std::size_t end = token().begin;
        ++m_at;
        if (depth == 0) {
            return m_text.substr(begin, end - begin);
        }
    }
    return m_text.substr(begin);
}

void SqlStatement::skip_any() {
    if (at_symbol('(') || at_symbol('[')) {
        skip_brackets();
    } else {
        skip();
    }
}

std::vector<std::string> SqlStatement::take_names() {
    const std::size_t before = m_at;
    std::vector<std::string> names;
    if (take_symbol('(')) {
        do {
            auto name = take_name();
            if (!name) {
                break;
            }
            names.push_back(std::move(*name));
        } while (take_symbol(','));
        if (!names.empty() && take_symbol(')')) {
            return names;
        }
    }
    m_at = before;
    return {};
}

}  // namespace cachectl
