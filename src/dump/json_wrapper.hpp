// Programs that export rows as JSON put them into an object, with other members or alone:
// {"data":[…],"meta":{…}}. That is neither a record nor keys and their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// What the object would be read as if it is no wrapper.
enum class WrapperOf { record, entries };

/// Where the rows are, as a JSON pointer, or nothing if `object`, as far as it is there, is no
/// wrapper. It is one if just one member is an array of objects, and
///  - its name is one of those that say rows (data, rows …) or is an SQL query;
///  - or it is the only one, and a record is what it would be.
/// A record that has one of `columns` is none.
std::optional<std::string> find_wrapped_rows(std::string_view object, WrapperOf of,
                                             const std::vector<std::string>& columns);

struct WrappedTable {
    std::string name;
    std::string pointer;
};
/// The first table of an array as phpMyAdmin writes it: a header, a database, tables with their
/// data. Nothing if it is another array.
std::optional<WrappedTable> find_wrapped_table(std::string_view array);

}  // namespace cachectl
