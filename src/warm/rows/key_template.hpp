// 'course:{id}': text with the names of columns in it. {{ and }} are literal braces, so that the
// hash tag of a Redis Cluster key is written 'course:{{{id}}}:title'. A name with dots is a path
// into a nested value unless a column is called so: '{user.id}'. What stands behind its last colon
// may be a format, again unless a column is called so: '{id:05}', '{code:lower}', '{code:upper}'.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/record.hpp"
#include "dump/row_result.hpp"

namespace cachectl {

class KeyTemplate {
public:
    /// A key takes no empty or nested value; a value may be both. Neither takes null, for no text
    /// stands for it.
    enum class Use { key, value };

    /// Throws Error(usage), which names the place, for a brace without its partner and for {}.
    static KeyTemplate parse(std::string_view text, Use use = Use::key);
    /// '{column}' for any name, with braces in it or not.
    static KeyTemplate of_column(std::string column, Use use = Use::key);

    /// Replaces `out` by the text for this row. The row is bad if it has no such column or its
    /// value cannot be used.
    RowResult<> render(const Record& record, std::string& out) const;

    /// The columns it names, in order; empty if every row renders the same. Of 'a:lower' that is
    /// 'a', unless `has` says that there is a column of that whole name.
    using HasColumn = std::function<bool(const std::string& name)>;
    [[nodiscard]] std::vector<std::string> columns(const HasColumn& has = {}) const;

private:
    enum class Format { none, padded, lower, upper };
    struct Part {
        std::string literal;
        std::string column;  // behind the literal; empty for none
        Format format = Format::none;
        std::string plain;      // the column without its format, if it has one
        std::size_t width = 0;  // for Format::padded
    };
    static void take_format(Part& part);
    RowResult<> render(const Part& part, const Record& record, std::string& out) const;
    static RowResult<> append(const Part& part, std::string_view text, std::string& out);
    explicit KeyTemplate(Use use) : m_use(use) {}

    Use m_use;
    std::vector<Part> m_parts;
};

/// Why '{column}' of a template cannot be filled: what stands behind its colon is no format, or as
/// missing_column() has it.
std::string not_in_row(const Record& record, std::string_view column);

/// "no column 'ids' (did you mean 'id'?); there are id, name and 3 more", the nearest first if they
/// are not all shown.
std::string missing_column(const Record& record, std::string_view column);

}  // namespace cachectl
