// From a literal and its column's type to a value of the record. What is not what its column's
// type says stays text, so that nothing is lost.
//
//  - integer, decimal, floating: a number, its digits as they are ("007" and "+.5" become 7 and
//    0.5, for JSON has no others); NaN and Infinity are text.
//  - boolean: t, f, true, false … as true and false. MySQL's tinyint(1) is a number; its bit(1) is
//    a boolean, as JDBC has it, and longer bits are numbers.
//  - json: nested. A string in it is text, a null in it is null.
//  - arrays of PostgreSQL: JSON arrays, with elements by these rules.
//  - binary: base64, hex digits or raw bytes, as told.
//  - SQLite: by what the value is, for its columns take any; digits in quotes are a number only in
//    a column of numbers, and X'…' is binary everywhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dump/json_element.hpp"
#include "dump/sql/literal.hpp"
#include "dump/sql/options.hpp"
#include "dump/sql/row.hpp"
#include "dump/sql/schema.hpp"

namespace cachectl {

class SqlValues {
public:
    SqlValues(SqlDialect dialect, BinaryAs binary) : m_dialect(dialect), m_binary(binary) {}

    /// Adds the value, which must not be `unspecified`, to the row: where it lies, if that is in
    /// `window`, otherwise copied. The column's name must outlive the row.
    void add(const SqlLiteral& literal, std::string_view window, const SqlColumn& column,
             SqlRow& row);

private:
    struct Typed {
        ValueKind kind;
        std::string_view text;
    };

    Typed convert(const SqlLiteral& literal, const SqlColumn& column);
    Typed convert_text(std::string_view text, const SqlColumn& column);
    Typed convert_number(std::string_view text, const SqlColumn& column);
    Typed convert_bytes(std::string_view bytes, const SqlColumn& column);
    Typed convert_bits(std::string_view bits, const SqlColumn& column);
    Typed array(std::string_view text, const SqlColumn& column);
    Typed number_or_text(std::string_view text);
    Typed boolean_or_text(std::string_view text);
    Typed nested(std::string_view text);
    Typed bytea(std::string_view text);
    Typed binary(std::string_view bytes);
    Typed big_endian(std::string_view bytes, const SqlColumn& column);
    bool append_element(std::string_view text, const SqlColumn& element, std::string& out);

    SqlDialect m_dialect;
    BinaryAs m_binary;
    std::string m_made;  // the bytes of the last value, unless they are the literal's own
    std::string m_bytes;
    std::string m_array;
    std::string m_json;
    JsonElementParser m_parser;
    Record m_parsed;
};

}  // namespace cachectl
