// From a tuple or a line of COPY data to a record, by the columns of its target.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dump/row_result.hpp"
#include "dump/sql/copy_reader.hpp"
#include "dump/sql/encoding.hpp"
#include "dump/sql/input.hpp"
#include "dump/sql/row.hpp"
#include "dump/sql/targets.hpp"
#include "dump/sql/tuple.hpp"
#include "dump/sql/value.hpp"

namespace cachectl {

class SqlRowMaker {
public:
    SqlRowMaker(SqlInput& input, SqlEncoding& encoding, BinaryAs binary)
        : m_input(input), m_encoding(encoding), m_values(input.lexer().rules().dialect, binary) {}

    /// Fills the record, whose values lie in the window and here, up to the next row. Values
    /// for which there is no column, or a column without its value, make a bad row: nothing is
    /// ever shifted.
    RowResult<> fill(const std::vector<SqlCell>& cells, const SqlTarget& target, std::uint64_t line,
                     Record& record);
    RowResult<> fill(std::string_view copy_line, const CopyFormat& format, const SqlTarget& target,
                     std::uint64_t line, Record& record);
    /// From which encoding text was converted, if it was.
    [[nodiscard]] const std::string& converted_from() const noexcept { return m_converted_from; }

private:
    RowResult<> finish(std::uint64_t line, Record& record) const;
    RowResult<> add(const SqlCell& cell, const SqlColumn& column);
    RowResult<> add_expression(std::string_view raw, std::string_view text,
                               const SqlColumn& column);
    RowResult<> add_literal(const SqlLiteral& literal, std::string_view text,
                            const SqlColumn& column);

    RowResult<> add_text(std::string_view bytes, std::string_view text, const SqlColumn& column);

    SqlInput& m_input;
    SqlEncoding& m_encoding;
    SqlValues m_values;
    std::string m_scratch;
    std::string m_converted;
    std::string m_converted_from;
    SqlColumn m_cast;  // the type of the last cast, with the column's name
    SqlRow m_row;
};

}  // namespace cachectl
