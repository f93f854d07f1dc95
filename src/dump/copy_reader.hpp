// The text format of PostgreSQL's COPY: a row a line, values between tabs, \N for null.
// https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cachectl {

/// The line that ends the data.
constexpr std::string_view k_copy_end = "\\.";

/// The values of a line, one after the other.
class CopyLine {
public:
    explicit CopyLine(std::string_view line) : m_rest(line) {}

    struct Field {
        std::string_view raw;  // with its escapes
        bool null = false;
        bool escaped = false;  // `raw` is not the value: unescape_copy() makes that
    };
    /// Nothing behind the last one. An empty line is one empty value.
    std::optional<Field> next();

private:
    std::string_view m_rest;
    bool m_ended = false;
};

/// Appends the value that `raw` stands for: \b \f \n \r \t \v, \ooo, \xhh; any other character
/// behind a backslash stands for itself.
void unescape_copy(std::string_view raw, std::string& out);

}  // namespace cachectl
