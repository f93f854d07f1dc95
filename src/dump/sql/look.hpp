// Whether a text is SQL, judged by its beginning.
#pragma once

#include <cstddef>
#include <string_view>

namespace cachectl {

enum class SqlLook {
    no,
    comments,  // only comments, or behind comments that CSV does not have, nothing known
    yes,
};

/// Behind comments has to come a statement or a command to psql or mysql. A word like CREATE alone
/// is none, for it may be a column's name: what follows it has to be as in a statement.
SqlLook look_for_sql(std::string_view text);

/// May a statement begin with that word, of whatever dialect?
bool begins_any_statement(std::string_view word) noexcept;

/// Where what is no comment begins; the text's length if nothing does.
std::size_t skip_sql_comments(std::string_view text);

}  // namespace cachectl
