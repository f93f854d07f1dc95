// From a tuple or a line of COPY data to a record, by the columns of its target.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dump/sql_input.hpp"
#include "dump/sql_row.hpp"
#include "dump/sql_targets.hpp"
#include "dump/sql_tuple.hpp"
#include "dump/sql_value.hpp"

namespace cachectl {

class SqlRowMaker {
public:
    SqlRowMaker(SqlInput& input, BinaryAs binary)
        : m_input(input), m_values(input.lexer().rules().dialect, binary) {}

    /// Fills the record, whose values lie in the window and here, up to the next row. Returns why
    /// the row cannot be used, or nothing. Values for which there is no column, or a column
    /// without its value, make no record: nothing is ever shifted.
    std::string fill(const std::vector<SqlCell>& cells, const SqlTarget& target, std::uint64_t line,
                     Record& record);
    std::string fill(std::string_view copy_line, const SqlTarget& target, std::uint64_t line,
                     Record& record);

private:
    std::string finish(std::uint64_t line, Record& record) const;
    std::string add(const SqlCell& cell, const SqlColumn& column);
    std::string add_expression(std::string_view raw, std::string_view text,
                               const SqlColumn& column);
    std::string add_literal(const SqlLiteral& literal, std::string_view text,
                            const SqlColumn& column);

    SqlInput& m_input;
    SqlValues m_values;
    std::string m_scratch;
    SqlRow m_row;
};

}  // namespace cachectl
