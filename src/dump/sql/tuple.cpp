#include "dump/sql/tuple.hpp"

#include "dump/sql/literal.hpp"

namespace cachectl {

namespace {

/// Where a value stands: in parentheses, or in a SET that is ended by the statement's end or ON.
enum class Place { tuple, assignment };

bool ends_value(const SqlInput& input, Place place) {
    const SqlToken& token = input.token();
    if (is_symbol(token, ',')) {
        return true;
    }
    if (place == Place::tuple) {
        return is_symbol(token, ')');
    }
    return token.kind == SqlTokenKind::terminator ||
           (token.kind == SqlTokenKind::word &&
            is_any_sql_word(input.text_of(token), {"ON", "AS", "RETURNING"}));
}

bool is_literal(const SqlToken& token) {
    switch (token.kind) {
        case SqlTokenKind::word:
        case SqlTokenKind::string:
        case SqlTokenKind::bytes:
        case SqlTokenKind::bits:
        case SqlTokenKind::number:
            return true;
        case SqlTokenKind::end:
        case SqlTokenKind::name:
        case SqlTokenKind::symbol:
        case SqlTokenKind::terminator:
            break;
    }
    return false;
}

/// MySQL's _binary'…' and _utf8mb4'…': the bytes are the same as without.
bool is_introducer(SqlInput& input, const SqlToken& token) {
    return token.kind == SqlTokenKind::word && input.text()[token.begin] == '_' &&
           input.lexer().rules().dialect == SqlDialect::mysql;
}

/// From the input's last token on up to the comma or parenthesis behind the value, or to the
/// terminator.
void skip_expression(SqlInput& input, Place place, SqlCell& cell) {
    const SqlToken& token = input.token();
    int depth = 0;
    while (depth > 0 || !ends_value(input, place)) {
        if (token.kind == SqlTokenKind::end) {
            input.fail_at_end("the input ends in the middle of a row: was the dump cut?");
        }
        if (token.kind == SqlTokenKind::terminator) {
            return;
        }
        depth += is_symbol(token, '(') || is_symbol(token, '[')   ? 1
                 : is_symbol(token, ')') || is_symbol(token, ']') ? -1
                                                                  : 0;
        cell.end = token.end;
        input.next();
    }
}

/// From the input's last token on.
void read_value(SqlInput& input, Place place, SqlCell& cell) {
    const SqlToken& token = input.token();
    cell.token = token;
    cell.begin = cell.end = token.begin;
    cell.expression = !is_literal(token);
    if (!cell.expression) {
        cell.end = token.end;
        input.next();
        if (token.kind == SqlTokenKind::string && is_introducer(input, cell.token)) {
            cell.token = token;
            cell.end = token.end;
            input.next();
        }
    }
    if (!ends_value(input, place)) {
        cell.expression = true;
        skip_expression(input, place, cell);
    }
}

}  // namespace

bool read_tuple(SqlInput& input, std::vector<SqlCell>& cells) {
    cells.clear();
    const SqlToken& token = input.next();
    if (is_symbol(token, ')')) {
        return true;
    }
    while (true) {
        read_value(input, Place::tuple, cells.emplace_back());
        if (!is_symbol(token, ',')) {
            return token.kind != SqlTokenKind::terminator;
        }
        input.next();
    }
}

bool read_assignments(SqlInput& input, std::vector<std::string>& names,
                      std::vector<SqlCell>& cells) {
    names.clear();
    cells.clear();
    const SqlToken& token = input.token();
    do {
        input.next();
        std::string name;
        while (token.kind == SqlTokenKind::word || token.kind == SqlTokenKind::name) {
            name = decode_name(input.text(), token, input.lexer().rules());
            if (!is_symbol(input.next(), '.')) {
                break;
            }
            input.next();
        }
        if (name.empty() || !is_symbol(token, '=')) {
            return false;
        }
        input.next();
        names.push_back(std::move(name));
        read_value(input, Place::assignment, cells.emplace_back());
    } while (is_symbol(token, ','));
    return true;
}

}  // namespace cachectl
