// Tables filled with what their columns' types make possible: each type's own values first, then
// random ones. Column 0 is the integer key id.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/random_data.hpp"

namespace cachectl::test {

/// How a column of some type is filled, and how the database is asked for what it then holds.
struct ColumnType {
    std::string declared;
    std::vector<std::string> values;                      // expressions of SQL
    std::function<std::string(RandomData&)> random = {};  // one more such expression
    /// The expression for what `warm` is to make of the column, whose name stands for {}.
    std::string shown = "{}";

    /// `shown` with the name in it.
    [[nodiscard]] std::string shown_of(const std::string& name) const;
};

struct TestTable {
    std::string name;                                         // quoted, as in SQL
    std::vector<std::pair<std::string, ColumnType>> columns;  // names quoted, too
    std::vector<std::string> rows;                            // "1, 'x', NULL"

    /// "CREATE TABLE … (id …, …) options;" and its rows.
    [[nodiscard]] std::string sql(const std::string& options = "") const;
};

/// A column for each type, c1 … cN; a row of nulls, and so many rows that each value is there.
TestTable table_of_all(const std::string& name, const std::vector<ColumnType>& types);

/// Some columns of random types and names, and `rows` rows; one value in six is null.
TestTable random_table(RandomData& random, const std::vector<ColumnType>& types, char quote,
                       std::size_t rows);

/// A name in the quotes, which are doubled within.
std::string quoted(const std::string& name, char quote);
/// The name in such quotes.
std::string unquoted(const std::string& name);

}  // namespace cachectl::test
