// One "( value, … )" of an INSERT, split into values that are not decoded yet.
#pragma once

#include <string>
#include <vector>

#include "dump/sql/input.hpp"

namespace cachectl {

struct SqlCell {
    SqlToken token;         // the literal, unless it is an expression
    std::size_t begin = 0;  // of the whole value, as offsets in the input's text
    std::size_t end = 0;
    bool expression = false;  // anything but one literal
};

/// Reads on behind the "(" up to the ")". Returns false if the statement ends before, which is
/// then read to its end. Throws Error(bad_input) if the input ends before.
bool read_tuple(SqlInput& input, std::vector<SqlCell>& cells);

/// The same of MySQL's INSERT … SET name = value, …, with the names. It ends behind a token that is
/// the statement's end or a word like ON, which is the input's last one. Returns false if it is
/// broken.
bool read_assignments(SqlInput& input, std::vector<std::string>& names,
                      std::vector<SqlCell>& cells);

}  // namespace cachectl
