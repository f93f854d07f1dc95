#include "warm/rows/where.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "dump/boolean_word.hpp"
#include "dump/json_path.hpp"
#include "dump/json_text.hpp"
#include "dump/sql/dialect.hpp"
#include "util/error.hpp"
#include "warm/rows/key_template.hpp"

namespace cachectl {

namespace {

using namespace std::string_view_literals;

/// The number that a text is, or nothing: JSON's grammar with leading zeros, a plus and a bare
/// point, and what is beyond it.
std::optional<std::string_view> number_in(std::string_view text) {
    const auto count_digits = [](std::string_view digits) {
        return std::min(digits.find_first_not_of("0123456789"), digits.size());
    };
    constexpr std::string_view k_blank = " \t";
    const std::size_t first = std::min(text.find_first_not_of(k_blank), text.size());
    text = text.substr(first, text.find_last_not_of(k_blank) + 1 - first);
    const bool plus = text.starts_with('+');
    text.remove_prefix(plus ? 1 : 0);
    if (is_beyond_numbers(text) && !(plus && text.starts_with('-'))) {
        return text;
    }
    std::string_view rest = text.substr(!plus && text.starts_with('-') ? 1 : 0);
    std::size_t digits = count_digits(rest);
    rest.remove_prefix(digits);
    if (rest.starts_with('.')) {
        const std::size_t fraction = count_digits(rest.substr(1));
        digits += fraction;
        rest.remove_prefix(1 + fraction);
    }
    if (digits != 0 && (rest.starts_with('e') || rest.starts_with('E'))) {
        rest.remove_prefix(rest.size() > 1 && (rest[1] == '+' || rest[1] == '-') ? 2 : 1);
        digits = count_digits(rest);
        rest.remove_prefix(digits);
    }
    return digits != 0 && rest.empty() ? std::optional(text) : std::nullopt;
}

bool holds_for(Where::Comparison comparison, int order) {
    using Comparison = Where::Comparison;
    switch (comparison) {
        case Comparison::equal:
            return order == 0;
        case Comparison::unequal:
            return order != 0;
        case Comparison::less:
            return order < 0;
        case Comparison::at_most:
            return order <= 0;
        case Comparison::greater:
            return order > 0;
        case Comparison::at_least:
            return order >= 0;
        case Comparison::null:
        case Comparison::not_null:
            break;
    }
    return false;
}

}  // namespace

class WhereParser {
public:
    explicit WhereParser(std::string_view text) : m_text(text) {}

    Where parse() {
        Where where;
        do {
            where.m_terms.push_back(term());
        } while (take_word("AND"));
        if (m_at != m_text.size()) {
            fail("expected 'and' or the end");
        }
        return where;
    }

private:
    using Comparison = Where::Comparison;

    [[noreturn]] void fail(std::string_view what) const {
        throw Error(ExitCode::usage,
                    m_at == m_text.size()
                        ? fmt::format("in '{}': {} at its end", m_text, what)
                        : fmt::format("in '{}': {}, not '{}'", m_text, what, m_text.substr(m_at)),
                    "conditions are like: active = true and price >= 10 and note is null");
    }

    static bool continues_word(char c) {
        return c == '_' || c == '$' || c == '.' || static_cast<unsigned char>(c) >= 0x80 ||
               (c >= '0' && c <= '9') || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z');
    }

    void skip_space() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' ||
                                        m_text[m_at] == '\n' || m_text[m_at] == '\r')) {
            ++m_at;
        }
    }

    /// The word that begins here, or nothing.
    [[nodiscard]] std::string_view peek_word() const {
        std::size_t end = m_at;
        while (end < m_text.size() && continues_word(m_text[end])) {
            ++end;
        }
        return m_text.substr(m_at, end - m_at);
    }

    bool take_word(std::string_view upper) {
        skip_space();
        if (!is_sql_word(peek_word(), upper)) {
            return false;
        }
        m_at += upper.size();
        skip_space();
        return true;
    }

    /// Between quotes like the one that stands here.
    std::string quoted() {
        const std::size_t open = m_at;
        const char quote = m_text[m_at++];
        std::string inside;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == quote && (m_at == m_text.size() || m_text[m_at] != quote)) {
                return inside;
            }
            m_at += c == quote ? 1 : 0;
            inside += c;
        }
        m_at = open;
        fail("expected a closing quote");
    }

    std::string column() {
        skip_space();
        if (m_at < m_text.size() && (m_text[m_at] == '"' || m_text[m_at] == '`')) {
            return quoted();
        }
        const std::string_view word = peek_word();
        if (word.empty()) {
            fail("expected a column");
        }
        m_at += word.size();
        return std::string(word);
    }

    Comparison comparison() {
        struct Sign {
            std::string_view text;
            Comparison comparison;
        };
        constexpr Sign k_signs[] = {
            {"<=", Comparison::at_most}, {">=", Comparison::at_least}, {"!=", Comparison::unequal},
            {"<>", Comparison::unequal}, {"=", Comparison::equal},     {"<", Comparison::less},
            {">", Comparison::greater},
        };
        for (const Sign& candidate : k_signs) {
            if (m_text.substr(m_at).starts_with(candidate.text)) {
                m_at += candidate.text.size();
                return candidate.comparison;
            }
        }
        fail("expected =, !=, <, <=, >, >= or is [not] null");
    }

    Where::Term term() {
        Where::Term term{.column = column()};
        if (take_word("IS")) {
            term.comparison = take_word("NOT") ? Comparison::not_null : Comparison::null;
            if (!take_word("NULL")) {
                fail("expected null");
            }
            return term;
        }
        skip_space();
        term.comparison = comparison();
        skip_space();
        value(term);
        skip_space();
        return term;
    }

    void value(Where::Term& term) {
        if (m_at < m_text.size() && m_text[m_at] == '\'') {
            term.kind = ValueKind::text;
            term.value = quoted();
            return;
        }
        std::size_t end = m_at;
        while (end < m_text.size() &&
               (continues_word(m_text[end]) || m_text[end] == '-' || m_text[end] == '+')) {
            ++end;
        }
        const std::string_view word = m_text.substr(m_at, end - m_at);
        const bool boolean = same_sql_name(word, "true") || same_sql_name(word, "false");
        if (same_sql_name(word, "null")) {
            fail("nothing equals null: write 'is null' or 'is not null'");
        }
        if (!boolean && !is_json_number(word)) {
            fail("expected a number, 'text', true or false");
        }
        if (boolean && term.comparison != Comparison::equal &&
            term.comparison != Comparison::unequal) {
            fail("true and false are neither less nor greater: expected a number or 'text'");
        }
        term.kind = boolean ? ValueKind::boolean : ValueKind::number;
        term.value = boolean ? (same_sql_name(word, "true") ? "true" : "false") : std::string(word);
        m_at = end;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

Where Where::parse(std::string_view text) {
    Where where = WhereParser(text).parse();
    where.m_text = text;
    return where;
}

std::vector<std::string_view> Where::columns() const {
    std::vector<std::string_view> names;
    for (const Term& term : m_terms) {
        names.push_back(term.column);
    }
    return names;
}

RowResult<bool> Where::matches(const Record& row) const {
    bool all = true;
    for (const Term& term : m_terms) {
        const Value* value = row.find(term.column);
        std::optional<Value> nested;
        std::string scratch;
        if (value == nullptr) {
            nested = find_value(row, term.column, scratch);
            if (!nested) {
                return BadRow{missing_column(row, term.column)};
            }
            value = &*nested;
        }
        all = all && holds(term, *value);
    }
    return all;
}

bool Where::holds(const Term& term, const Value& value) {
    if (term.comparison == Comparison::null || term.comparison == Comparison::not_null) {
        return (value.kind == ValueKind::null) == (term.comparison == Comparison::null);
    }
    if (value.kind == ValueKind::null) {
        return false;
    }
    if (term.kind == ValueKind::boolean) {
        const bool wanted = (term.value == "true") == (term.comparison == Comparison::equal);
        return value.kind != ValueKind::json && boolean_word(value.text) == wanted;
    }
    if (term.kind == ValueKind::number) {
        const auto number = value.kind == ValueKind::boolean
                                ? std::optional(value.text == "true" ? "1"sv : "0"sv)
                                : number_in(value.text);
        return number && holds_for(term.comparison, compare_numbers(*number, term.value));
    }
    if (value.kind == ValueKind::number &&
        (is_json_number(term.value) || is_beyond_numbers(term.value))) {
        return holds_for(term.comparison, compare_numbers(value.text, term.value));
    }
    return holds_for(term.comparison, value.text.compare(term.value));
}

}  // namespace cachectl
