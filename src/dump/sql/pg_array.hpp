// PostgreSQL's text of an array, `{"a,b",NULL,{…}}`, made a JSON array.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cachectl {

/// Appends the JSON of one element, given without its quotes and escapes; false if there is none
/// (bytes that are not UTF-8).
using PgElementWriter = std::function<bool(std::string_view element, std::string& out)>;

/// Appends the JSON array that `text` is; false, with anything appended, if it is no array or an
/// element has no JSON. Bounds before it ("[0:1]={…}") are dropped, as row_to_json() does.
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
bool append_pg_array(std::string_view text, char delimiter, const PgElementWriter& write,
                     std::string& out);

}  // namespace cachectl
