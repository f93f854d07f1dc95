// Which fields of a row are columns, under which names, and what their text stands for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dump/csv_options.hpp"
#include "dump/json_element.hpp"
#include "dump/record.hpp"

namespace cachectl {

struct CsvColumn {
    std::string name;
    std::size_t field = 0;
    CsvType type = CsvType::text;
};

struct CsvHeaderFault {
    std::string reason;
};

struct CsvColumns {
    std::vector<CsvColumn> columns;
    std::size_t fields = 0;  // that each row has to have
    /// Fields from here on have no name; no row has anything in them.
    std::size_t named_end = 0;
    bool has_index = false;  // the first field is a number of the row, which has no name

    /// Throws CsvHeaderFault if these are no names.
    static CsvColumns of_header(const std::vector<std::string>& header);
    /// Throws CsvHeaderFault for a column that is not there.
    void set_types(const std::vector<CsvOptions::Typed>& types);
};

/// Adds fields to a record as what their column says they are.
class CsvTyper {
public:
    /// False, and `why` says why, if the text does not stand for a value of that type.
    [[nodiscard]] bool add(const CsvColumn& column, std::string_view text, Record& record,
                           std::string& why);

private:
    bool add_json(const CsvColumn& column, std::string_view text, Record& record, std::string& why);

    JsonElementParser m_parser;
    std::string m_json;
    Record m_parsed;
};

}  // namespace cachectl
