#include "dump/json_wrapper.hpp"

#include <algorithm>
#include <array>

#include "dump/json_members.hpp"
#include "dump/json_pointer.hpp"
#include "dump/sql/dialect.hpp"

namespace cachectl {

namespace {

bool is_array_of_objects(std::string_view value) {
    if (value.front() != '[') {
        return false;
    }
    const std::size_t first = value.find_first_not_of(" \t\r\n", 1);
    return first != std::string_view::npos && value[first] == '{';
}

bool says_rows(std::string_view name) {
    constexpr std::array<std::string_view, 6> k_names = {"data",    "items", "records",
                                                         "results", "rows",  "value"};
    constexpr std::string_view k_query = "select ";
    return std::ranges::find(k_names, name) != k_names.end() ||
           same_sql_name(name.substr(0, k_query.size()), k_query);
}

/// The text of an object's member, if it has it and it is one.
std::string member_of(std::string_view object, std::string_view wanted) {
    std::string scratch;
    JsonMembers members(object);
    while (members.next()) {
        if (json_string(members.name(), scratch) != wanted || members.value().size() < 2 ||
            members.value().front() != '"') {
            continue;
        }
        return std::string(json_string(members.value(), scratch));
    }
    return {};
}

}  // namespace

std::optional<std::string> find_wrapped_rows(std::string_view object, WrapperOf of,
                                             const std::vector<std::string>& columns) {
    std::string scratch;
    std::string rows;
    std::size_t arrays = 0;
    std::size_t count = 0;
    JsonMembers members(object);
    for (; members.next(); ++count) {
        const std::string_view name = json_string(members.name(), scratch);
        const auto is_here = [name](const std::string& column) {
            return column == name || (column.starts_with(name) && column[name.size()] == '.');
        };
        if (of == WrapperOf::record && std::ranges::any_of(columns, is_here)) {
            return std::nullopt;
        }
        if (is_array_of_objects(members.value())) {
            rows = name;
            ++arrays;
        }
    }
    const bool only = of == WrapperOf::record && count == 1;
    if (arrays != 1 || !(says_rows(rows) || only)) {
        return std::nullopt;
    }
    return '/' + pointer_part(rows);
}

std::optional<WrappedTable> find_wrapped_table(std::string_view array) {
    JsonMembers elements(array);
    for (std::size_t index = 0; elements.next() && elements.value().front() == '{'; ++index) {
        const std::string type = member_of(elements.value(), "type");
        if (index == 0 && type != "header") {
            return std::nullopt;
        }
        if (type == "table") {
            return WrappedTable{member_of(elements.value(), "name"),
                                '/' + std::to_string(index) + "/data"};
        }
    }
    return std::nullopt;
}

}  // namespace cachectl
