// Which fields of a row are columns, under which names, and what their text stands for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dump/csv_options.hpp"
#include "dump/json_element.hpp"
#include "dump/record.hpp"
#include "dump/row_result.hpp"

namespace cachectl {

struct CsvColumn {
    std::string name;
    std::size_t field = 0;
    CsvType type = CsvType::text;
};

struct CsvColumns {
    std::vector<CsvColumn> columns;
    std::size_t fields = 0;  // in each row
    /// Index of the first of the fields at the end that have no name; rows must have nothing in
    /// them.
    std::size_t named_end = 0;
    bool has_index =
        false;  // the first field has no name: it numbers the rows, as pandas and R write it

    /// A bad row if these cannot be the names of columns.
    RowResult<> take_header(const std::vector<std::string>& header);
    /// A bad row if the header has no such column.
    RowResult<> set_types(const std::vector<CsvOptions::Typed>& types);
};

/// Adds fields to a record as what their column says they are.
class CsvTyper {
public:
    /// The row is bad if the text does not stand for a value of that type.
    RowResult<> add(const CsvColumn& column, std::string_view text, Record& record);

private:
    RowResult<> add_json(const CsvColumn& column, std::string_view text, Record& record);

    JsonElementParser m_parser;
    std::string m_json;
    Record m_parsed;
};

}  // namespace cachectl
