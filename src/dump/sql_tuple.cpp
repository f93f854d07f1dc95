#include "dump/sql_tuple.hpp"

namespace cachectl {

namespace {

bool is_symbol(const SqlToken& token, char symbol) {
    return token.kind == SqlTokenKind::symbol && token.symbol == symbol;
}

bool ends_value(const SqlToken& token) { return is_symbol(token, ',') || is_symbol(token, ')'); }

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
void skip_expression(SqlInput& input, SqlCell& cell) {
    const SqlToken& token = input.token();
    int depth = 0;
    while (depth > 0 || !ends_value(token)) {
        if (token.kind == SqlTokenKind::end) {
            input.fail_at_end("the input ends in the middle of a row: was the dump cut?");
        }
        if (token.kind == SqlTokenKind::terminator) {
            return;
        }
        depth += is_symbol(token, '(') ? 1 : is_symbol(token, ')') ? -1 : 0;
        cell.end = token.end;
        input.next();
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
        SqlCell& cell = cells.emplace_back();
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
        if (!ends_value(token)) {
            cell.expression = true;
            skip_expression(input, cell);
        }
        if (!is_symbol(token, ',')) {
            return token.kind != SqlTokenKind::terminator;
        }
        input.next();
    }
}

}  // namespace cachectl
