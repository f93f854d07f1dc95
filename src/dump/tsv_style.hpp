// TSV as programs write it without quotes. Most say with a backslash what would break a row, but
// not all: to some a backslash is text. Which it is shows in the fields.
#pragma once

#include <string>
#include <string_view>

#include "dump/sql/options.hpp"

namespace cachectl {

struct TsvStyle {
    std::string_view name;  // for people
    bool escapes = false;   // \t \n \r \b \f \v \0 and a doubled backslash
    std::string_view null_text;
    bool settled = false;  // a backslash or a word for null has been seen
};

/// What the fields of this text, whole rows, say:
///  - \N alone is the null of COPY, NULL that of mysql --batch;
///  - a backslash before anything that neither of them writes is text, and so are all others;
///  - a field with nothing in it is null where neither was seen.
TsvStyle judge_tsv(std::string_view rows, char delimiter, char line_end, SqlEscapes escapes);

/// Replaces `out` by what an escaped field stands for; false at an escape that is none.
[[nodiscard]] bool unescape_tsv(std::string_view field, std::string& out);

}  // namespace cachectl
