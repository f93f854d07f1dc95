#include "support/random_table.hpp"

#include <algorithm>

namespace cachectl::test {

namespace {

constexpr std::size_t k_random_columns = 8;
constexpr std::size_t k_name_characters = 10;
constexpr std::size_t k_table_numbers = 1'000'000;

std::string joined(const std::vector<std::string>& rows) {
    std::string all;
    for (const std::string& row : rows) {
        all += (all.empty() ? "(" : ",\n(") + row + ")";
    }
    return all;
}

/// Without what does not reach a database as it is: MariaDB takes no characters of four bytes in
/// names, and SQLite's shell makes CRLF a line end of its own.
std::string nameable(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (static_cast<unsigned char>(text[at]) >= 0xF0) {
            at += 3;
        } else if (text.compare(at, 2, "\r\n") != 0) {
            result += text[at];
        }
    }
    return result;
}

}  // namespace

std::string ColumnType::shown_of(const std::string& name) const {
    std::string result;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = shown.find("{}", from)) != std::string::npos; from = at + 2) {
        result += shown.substr(from, at - from) + name;
    }
    return result + shown.substr(from);
}

std::string TestTable::sql(const std::string& options) const {
    std::string text = "CREATE TABLE " + name + " (id integer PRIMARY KEY";
    for (const auto& [column, type] : columns) {
        text += ",\n" + column + " " + type.declared;
    }
    return text + ")" + options + ";\nINSERT INTO " + name + " VALUES\n" + joined(rows) + ";\n";
}

TestTable table_of_all(const std::string& name, const std::vector<ColumnType>& types) {
    TestTable table{name, {}, {}};
    std::size_t rows = 0;
    for (const ColumnType& type : types) {
        table.columns.emplace_back("c" + std::to_string(table.columns.size() + 1), type);
        rows = std::max(rows, type.values.size());
    }
    for (std::size_t row = 0; row <= rows; ++row) {
        std::string values = std::to_string(row);
        for (const ColumnType& type : types) {
            values += ", " + (row == 0 ? "NULL" : type.values[row % type.values.size()]);
        }
        table.rows.push_back(values);
    }
    return table;
}

TestTable random_table(RandomData& random, const std::vector<ColumnType>& types, char quote,
                       std::size_t rows) {
    // A letter and a number about it: no name is like another, whatever its case, or ends in a
    // space.
    const auto name = [&](char letter, std::size_t number) {
        return quoted(letter + nameable(random.text(k_name_characters)) + std::to_string(number),
                      quote);
    };
    TestTable table{name('t', random.below(k_table_numbers)), {}, {}};
    for (std::size_t i = 1; i <= k_random_columns; ++i) {
        table.columns.emplace_back(name('c', i), types[random.below(types.size())]);
    }
    for (std::size_t row = 1; row <= rows; ++row) {
        std::string values = std::to_string(row);
        for (const auto& [column, type] : table.columns) {
            const bool own = !type.random || random.one_in(6);
            values += ", " + (random.one_in(6) ? "NULL"
                              : own            ? random.any_of(type.values)
                                               : type.random(random));
        }
        table.rows.push_back(values);
    }
    return table;
}

std::string quoted(const std::string& name, char quote) {
    std::string result(1, quote);
    for (const char c : name) {
        result.append(c == quote ? 2 : 1, c);
    }
    return result + quote;
}

std::string unquoted(const std::string& name) {
    std::string result;
    for (std::size_t at = 1; at + 1 < name.size(); ++at) {
        result += name[at];
        at += name[at] == name[0] ? 1 : 0;
    }
    return result;
}

}  // namespace cachectl::test
