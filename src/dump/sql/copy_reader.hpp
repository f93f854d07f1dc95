// The data of PostgreSQL's COPY: in its text format a row a line, values between tabs, \N for null;
// or CSV as COPY has it.
// https://www.postgresql.org/docs/current/sql-copy.html, "File Formats"
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dump/sql/statement.hpp"

namespace cachectl {

/// The line that ends the data.
constexpr std::string_view k_copy_end = "\\.";

/// What COPY's options say.
struct CopyFormat {
    bool csv = false;
    bool header = false;  // the first row has the columns' names
    char delimiter = '\t';
    char quote = '"';  // the last three are CSV's
    char escape = '"';
    std::string null = "\\N";  // as it stands in the data
};

/// The options behind FROM STDIN, in the form with parentheses and in that without. Nothing for
/// those with which the rows cannot be read as they stand: a binary format, FORCE_NULL …
std::optional<CopyFormat> parse_copy_options(SqlStatement& statement);

/// Does a row of CSV go on with the next line, because a quote is open?
bool is_open_row(std::string_view row, const CopyFormat& format);

/// The values of a row, one after the other.
class CopyLine {
public:
    /// Both have to live as long.
    CopyLine(std::string_view line, const CopyFormat& format) : m_rest(line), m_format(format) {}

    struct Field {
        std::string_view raw;  // with its escapes or quotes
        bool null = false;
        bool escaped = false;  // `raw` is not the value: unescape_copy() makes that
    };
    /// Nothing behind the last one. An empty line is one empty value.
    std::optional<Field> next();

private:
    [[nodiscard]] std::size_t text_end(bool& escaped) const;
    [[nodiscard]] std::size_t csv_end(bool& quoted) const;

    std::string_view m_rest;
    const CopyFormat& m_format;
    bool m_ended = false;
};

/// Appends the value that `raw` stands for. In the text format: \b \f \n \r \t \v, \ooo, \xhh; any
/// other character behind a backslash stands for itself.
void unescape_copy(std::string_view raw, const CopyFormat& format, std::string& out);

}  // namespace cachectl
