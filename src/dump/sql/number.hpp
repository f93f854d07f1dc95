// Numbers that SQL writes otherwise than JSON: 0x1F, 0o17, 0b11, 1_000, 007, +.5
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dump/sql/dialect.hpp"

namespace cachectl {

/// Appends a number with a base or with _ between its digits as plain decimal digits; false if it
/// is none, or larger than the database takes. SQLite's 0x… are the bits of a signed integer.
/// https://www.postgresql.org/docs/current/sql-syntax-lexical.html (4.1.2.6)
bool append_plain_number(std::string_view token, SqlDialect dialect, std::string& out);

/// `token` as a number of JSON: itself, or made from it in `scratch`; nothing if it is no number.
std::optional<std::string_view> normal_number(std::string_view token, std::string& scratch);

}  // namespace cachectl
