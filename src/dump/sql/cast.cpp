#include "dump/sql/cast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "dump/sql/number.hpp"

namespace cachectl {

namespace {

/// Types of several words go on with one of these.
const std::initializer_list<std::string_view> k_continue = {
    "PRECISION", "VARYING", "WITH", "WITHOUT", "TIME", "ZONE", "INTEGER", "LARGE", "OBJECT"};

struct Alias {
    std::string_view name;
    std::string_view meant;
};
constexpr std::array k_aliases = {
    Alias{"int", "integer"},
    Alias{"int4", "integer"},
    Alias{"int8", "bigint"},
    Alias{"int2", "smallint"},
    Alias{"bool", "boolean"},
    Alias{"float4", "real"},
    Alias{"float8", "double precision"},
    Alias{"float", "double precision"},
    Alias{"decimal", "numeric"},
    Alias{"varchar", "character varying"},
    Alias{"char", "character"},
    Alias{"bpchar", "character"},
    Alias{"timestamptz", "timestamp with time zone"},
    Alias{"timestamp without time zone", "timestamp"},
    Alias{"timetz", "time with time zone"},
    Alias{"time without time zone", "time"},
};

/// "timestamp with time zone" of "pg_catalog.TIMESTAMP(3) with time zone".
std::string base_name(std::string_view declared) {
    std::string name;
    int depth = 0;
    for (const char c : declared.substr(0, declared.find('['))) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0) {
            name += lower_ascii(c);
        }
        depth -= c == ')' ? 1 : 0;
    }
    name.erase(0, name.rfind('.') + 1);
    const auto* const alias = std::find_if(k_aliases.begin(), k_aliases.end(),
                                           [&](const Alias& one) { return one.name == name; });
    return alias == k_aliases.end() ? name : std::string(alias->meant);
}

bool is_text_type(std::string_view base) {
    constexpr std::array<std::string_view, 8> k_texts = {
        "text", "character varying", "character", "citext", "name", "nchar", "nvarchar", "string"};
    return std::find(k_texts.begin(), k_texts.end(), base) != k_texts.end();
}

/// A text that is longer than the type is cut.
bool fits(std::string_view text, std::string_view declared) {
    const std::size_t bracket = declared.find('(');
    if (bracket == std::string_view::npos) {
        return !is_sql_word(declared, "CHARACTER") && !is_sql_word(declared, "CHAR");
    }
    std::size_t most = 0;
    std::from_chars(declared.data() + bracket + 1, declared.data() + declared.size(), most);
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    return static_cast<std::size_t>(characters) <= most;
}

/// Do they say the same, but for case and spaces?
bool same_declaration(std::string_view a, std::string_view b) {
    const auto without_spaces = [](std::string_view declared) {
        std::string text(declared);
        text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
        return text;
    };
    return same_sql_name(without_spaces(a), without_spaces(b));
}

bool is_number(std::string_view text) {
    std::string scratch;
    return normal_number(text, scratch).has_value();
}

bool holds_numbers(SqlType type) {
    return type == SqlType::integer || type == SqlType::decimal || type == SqlType::floating;
}

}  // namespace

std::string take_cast_type(SqlStatement& statement) {
    std::string type;
    const auto take = [&](std::string_view between) {
        const SqlToken& token = statement.token();
        const bool name = token.kind == SqlTokenKind::name && token.symbol != '[';
        if (!name && token.kind != SqlTokenKind::word) {
            return false;
        }
        type += between;
        type += name ? statement.take_name().value_or("") : std::string(statement.text());
        if (!name) {
            statement.skip();
        }
        return true;
    };
    if (statement.ended() ||
        is_any_sql_word(statement.text(), {"NULL", "TRUE", "FALSE", "DEFAULT"}) || !take("")) {
        return {};
    }
    while (statement.at_symbol('.')) {
        statement.skip();
        if (statement.ended() || !take(".")) {
            return {};
        }
    }
    while (!statement.ended()) {
        if (statement.at_symbol('(')) {
            type += fmt::format("({})", statement.skip_brackets());
        } else if (statement.at_symbol('[')) {
            type += fmt::format("[{}]", statement.skip_brackets());
        } else if (!is_any_sql_word(statement.text(), k_continue) || !take(" ")) {
            break;
        }
    }
    return type;
}

bool cast_keeps(SqlLiteral::Kind kind, std::string_view text, const SqlColumn& cast,
                const SqlColumn& column) {
    if (kind == SqlLiteral::Kind::null || same_declaration(cast.declared, column.declared)) {
        return true;
    }
    const std::string base = base_name(cast.declared);
    const bool same = base == base_name(column.declared);
    if (cast.array || column.array) {
        return same && cast.array && column.array;
    }
    if (is_text_type(base)) {
        return fits(text, cast.declared);
    }
    const bool limited = cast.declared.find('(') != std::string::npos;
    if (same) {
        return !limited;
    }
    const bool number = holds_numbers(column.type) || column.type == SqlType::text;
    switch (cast.type) {
        case SqlType::integer:
            return number && text.find_first_not_of("0123456789+-") == std::string_view::npos &&
                   is_number(text);
        case SqlType::decimal:
        case SqlType::floating:
            return number && !limited && column.type != SqlType::integer && is_number(text);
        default:
            return false;
    }
}

}  // namespace cachectl
