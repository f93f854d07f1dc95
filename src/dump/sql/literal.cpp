#include "dump/sql/literal.hpp"

#include <algorithm>

#include "dump/sql/escapes.hpp"
#include "dump/sql/number.hpp"

namespace cachectl {

namespace {

using Kind = SqlLiteral::Kind;

bool append_unquoted(std::string_view inner, const SqlToken& token, SqlDialect dialect,
                     std::string& out) {
    const char quote = token.symbol == '[' ? ']' : token.symbol;
    const char stops[] = {token.doubled ? quote : '\\', token.backslashes ? '\\' : quote};
    const bool one_stop = stops[0] == stops[1];
    CodePoints codes(out);
    for (std::size_t at = 0; at < inner.size();) {
        std::size_t end = one_stop ? inner.find(stops[0], at)
                                   : inner.find_first_of(std::string_view(stops, 2), at);
        end = std::min(end, inner.size());
        if (end > at && !codes.whole()) {
            return false;
        }
        out.append(inner, at, end - at);
        at = end + 1;
        if (end == inner.size()) {
            break;
        }
        if (inner[end] != '\\' || !token.backslashes) {
            out += inner[end];
            at += inner[end] == quote ? 1 : 0;
        } else if (dialect != SqlDialect::postgres) {
            append_mysql_escape(inner[at++], out);
        } else if (!append_postgres_escape(inner, at, codes, out)) {
            return false;
        }
    }
    return codes.whole();
}

std::optional<SqlLiteral> decode_word(std::string_view word) {
    if (is_sql_word(word, "NULL")) {
        return SqlLiteral{Kind::null, {}};
    }
    if (is_sql_word(word, "TRUE")) {
        return SqlLiteral{Kind::boolean, "true"};
    }
    if (is_sql_word(word, "FALSE")) {
        return SqlLiteral{Kind::boolean, "false"};
    }
    if (is_sql_word(word, "DEFAULT")) {
        return SqlLiteral{Kind::unspecified, {}};
    }
    return std::nullopt;
}

}  // namespace

std::optional<SqlLiteral> decode_literal(std::string_view text, const SqlToken& token,
                                         SqlDialect dialect, std::string& scratch) {
    const std::string_view inner =
        text.substr(token.inner_begin, token.inner_end - token.inner_begin);
    const std::size_t kept = scratch.size();
    const auto decoded = [&] { return std::string_view(scratch).substr(kept); };
    switch (token.kind) {
        case SqlTokenKind::string:
            if (!token.doubled && !token.backslashes && !token.unicode) {
                return SqlLiteral{Kind::text, inner};
            }
            if (!append_unquoted(inner, token, dialect, scratch)) {
                return std::nullopt;
            }
            if (token.unicode) {
                std::string plain;
                if (!append_unistr(decoded(), plain)) {
                    return std::nullopt;
                }
                scratch.resize(kept);
                scratch += plain;
            }
            return SqlLiteral{Kind::text, decoded()};
        case SqlTokenKind::bytes:
            if (inner.size() % 2 != 0 && text[token.begin] == '0') {
                scratch += static_cast<char>(std::max(hex_digit(inner[0]), 0));
                if (!append_unhexed(inner.substr(1), scratch)) {
                    return std::nullopt;
                }
            } else if (!append_unhexed(inner, scratch)) {
                return std::nullopt;
            }
            return SqlLiteral{Kind::bytes, decoded()};
        case SqlTokenKind::bits:
            if (inner.find_first_not_of("01") != std::string_view::npos) {
                return std::nullopt;
            }
            return SqlLiteral{Kind::bits, inner};
        case SqlTokenKind::number: {
            const std::string_view number = text.substr(token.begin, token.end - token.begin);
            if (!token.coded) {
                return SqlLiteral{Kind::number, number};
            }
            return append_plain_number(number, dialect, scratch)
                       ? std::optional(SqlLiteral{Kind::number, decoded()})
                       : std::nullopt;
        }
        case SqlTokenKind::word:
            return decode_word(text.substr(token.begin, token.end - token.begin));
        case SqlTokenKind::end:
        case SqlTokenKind::name:
        case SqlTokenKind::symbol:
        case SqlTokenKind::terminator:
            break;
    }
    return std::nullopt;
}

std::string decode_name(std::string_view text, const SqlToken& token, const SqlRules& rules) {
    if (token.kind == SqlTokenKind::word) {
        std::string name(text.substr(token.begin, token.end - token.begin));
        if (rules.folds_names) {
            std::transform(name.begin(), name.end(), name.begin(), lower_ascii);
        }
        return name;
    }
    std::string name;
    append_unquoted(text.substr(token.inner_begin, token.inner_end - token.inner_begin), token,
                    rules.dialect, name);
    return name;
}

}  // namespace cachectl
