#include "dump/sql/row_maker.hpp"

#include <fmt/format.h>

#include "dump/sql/cast.hpp"
#include "dump/sql/expression.hpp"

namespace cachectl {

namespace {

BadRow unreadable(std::string_view raw, const SqlColumn& column) {
    constexpr std::size_t k_shown = 40;
    return {fmt::format("column {}: '{}{}' is not a value that can be read", column.name,
                        raw.substr(0, k_shown), raw.size() <= k_shown ? "" : "…")};
}

BadRow misfit(std::size_t count, const SqlTarget& target) {
    const std::size_t columns = target.columns.size();
    return {fmt::format("it has {} value{}, {} has {} column{}", count, count == 1 ? "" : "s",
                        target.named ? "the statement" : target.table->full_name(), columns,
                        columns == 1 ? "" : "s")};
}

}  // namespace

RowResult<> SqlRowMaker::fill(const std::vector<SqlCell>& cells, const SqlTarget& target,
                              std::uint64_t line, Record& record) {
    m_row.clear();
    // Some tools leave generated columns out, some write DEFAULT for them or their values.
    const bool plain = !target.named && cells.size() == target.plain;
    if (cells.empty()) {
        return BadRow{"all its values are DEFAULT, which the dump does not tell"};
    }
    if (!plain && cells.size() != target.columns.size()) {
        return misfit(cells.size(), target);
    }
    auto cell = cells.begin();
    for (const SqlColumn& column : target.columns) {
        if (plain && column.generated) {
            continue;
        }
        if (auto added = add(*cell++, column); !added) {
            return added;
        }
    }
    return finish(line, record);
}

RowResult<> SqlRowMaker::finish(std::uint64_t line, Record& record) const {
    m_row.finish(line, record);
    const std::string* const twice = record.duplicate_name();
    if (twice != nullptr) {
        return BadRow{fmt::format("two columns are named '{}'", *twice)};
    }
    return {};
}

RowResult<> SqlRowMaker::add(const SqlCell& cell, const SqlColumn& column) {
    const std::string_view text = m_input.text();
    const std::string_view raw = text.substr(cell.begin, cell.end - cell.begin);
    if (cell.expression) {
        return add_expression(raw, text, column);
    }
    m_scratch.clear();
    const auto literal =
        decode_literal(text, cell.token, m_input.lexer().rules().dialect, m_scratch);
    return literal ? add_literal(*literal, text, column) : unreadable(raw, column);
}

RowResult<> SqlRowMaker::add_expression(std::string_view raw, std::string_view text,
                                        const SqlColumn& column) {
    const SqlLexer& lexer = m_input.lexer();
    const auto result =
        evaluate_sql(raw, lexer.rules(), lexer.backslash_escapes(), lexer.ansi_quotes());
    if (!result) {
        return unreadable(raw, column);
    }
    const SqlLiteral literal{result->kind, result->text};
    if (result->declared.empty()) {
        return add_literal(literal, text, column);
    }
    m_cast = describe_type(result->declared, lexer.rules().dialect);
    m_cast.name = column.name;
    if (column.type == SqlType::unknown && column.declared.empty()) {
        return add_literal(literal, text, m_cast);
    }
    const bool keeps =
        result->inferred ? column.array : cast_keeps(literal.kind, literal.text, m_cast, column);
    return keeps ? add_literal(literal, text, column) : unreadable(raw, column);
}

RowResult<> SqlRowMaker::add_literal(const SqlLiteral& literal, std::string_view text,
                                     const SqlColumn& column) {
    if (literal.kind == SqlLiteral::Kind::text && m_encoding.converts() &&
        column.type != SqlType::binary && column.type != SqlType::bit && !is_ascii(literal.text)) {
        return add_text(literal.text, text, column);
    }
    if (literal.kind != SqlLiteral::Kind::unspecified) {
        m_values.add(literal, text, column, m_row);
        return {};
    }
    if (column.generated) {
        return {};
    }
    return BadRow{fmt::format("column {}: DEFAULT, which the dump does not tell", column.name)};
}

/// Text in the dump's encoding.
RowResult<> SqlRowMaker::add_text(std::string_view bytes, std::string_view text,
                                  const SqlColumn& column) {
    m_converted.clear();
    if (!m_encoding.append(bytes, m_converted)) {
        return BadRow{
            fmt::format("column {}: its bytes are no text in {}, which the dump says it is in",
                        column.name, m_encoding.name())};
    }
    if (m_converted_from.empty()) {
        m_converted_from = m_encoding.name();
    }
    m_values.add({SqlLiteral::Kind::text, m_converted}, text, column, m_row);
    return {};
}

RowResult<> SqlRowMaker::fill(std::string_view copy_line, const CopyFormat& format,
                              const SqlTarget& target, std::uint64_t line, Record& record) {
    m_row.clear();
    CopyLine fields(copy_line, format);
    std::size_t count = 0;
    auto column = target.columns.begin();
    while (const auto field = fields.next()) {
        ++count;
        while (!target.named && column != target.columns.end() && column->generated) {
            ++column;
        }
        if (column == target.columns.end()) {
            continue;
        }
        SqlLiteral literal{SqlLiteral::Kind::text, field->raw};
        if (field->null) {
            literal = {SqlLiteral::Kind::null, {}};
        } else if (field->escaped) {
            m_scratch.clear();
            unescape_copy(field->raw, format, m_scratch);
            literal.text = m_scratch;
        }
        if (auto added = add_literal(literal, copy_line, *column++); !added) {
            return added;
        }
    }
    if (count != (target.named ? target.columns.size() : target.plain)) {
        return misfit(count, target);
    }
    return finish(line, record);
}

}  // namespace cachectl
