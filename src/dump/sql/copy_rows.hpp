// The rows of COPY data in a dump, as text: copy_reader.hpp splits them into values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dump/sql/copy_reader.hpp"
#include "dump/sql/input.hpp"

namespace cachectl {

class CopyRows {
public:
    /// `input` outlives this.
    explicit CopyRows(SqlInput& input) : m_input(input) {}

    /// The next row without its line end, valid until the next call; k_copy_end behind the last
    /// one, nothing if the input ends before that. In the text format a row is a line; in CSV it
    /// goes on while a quote is open, but psql ends the data at a line \. even there.
    std::optional<std::string_view> next(const CopyFormat& format);

private:
    SqlInput& m_input;
    std::string m_row;  // of CSV
};

}  // namespace cachectl
