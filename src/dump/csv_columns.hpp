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
    std::size_t fields = 0;  // that each row has to have
    /// Fields from here on have no name; no row has anything in them.
    std::size_t named_end = 0;
    bool has_index = false;  // the first field is a number of the row, which has no name

    /// The header is a bad row if these are no names.
    RowResult<> take_header(const std::vector<std::string>& header);
    /// So it is for a column that is not there.
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
