// Rows for warm_model.hpp, as they are before any format has written them down, and the same rows
// as a reader of that format has to give them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/random_data.hpp"

namespace cachectl::test {

/// A value of a row, or of what is nested in one.
struct Cell {
    enum class Kind { missing, null, boolean, number, text, json, bytes };

    Kind kind = Kind::null;
    std::string text;  // of a boolean "true" or "false"; of JSON its shortest form
    bool is_array = false;
    struct Member;
    std::vector<Member> members;  // of JSON; of an array without names
};

struct Cell::Member {
    std::string name;
    Cell value;
};

struct ModelRow {
    std::vector<Cell> cells;
    bool is_readable = true;  // no reader can make anything of others
    std::size_t line = 0;     // of its file, from 1
};

/// The columns of every row; `bytes` is there in SQL dumps only.
struct Column {
    enum : std::size_t { id, group, name, number, boolean, nested, bytes };
};

/// What the formats of rows can hold.
struct RowRules {
    bool can_miss = false;   // a member may be absent
    bool any_kind = false;   // a column may hold values of several kinds
    bool exponents = true;   // of numbers
    bool nul = false;        // in texts
    bool any_bytes = false;  // texts need not be UTF-8
    bool line_ends = true;   // in texts
    bool has_bytes = false;  // the column for them
};

std::vector<ModelRow> random_rows(RandomData& random, std::size_t count, const RowRules& rules);
/// The members of one object: names and values of all kinds.
std::vector<ModelRow> random_entries(RandomData& random, std::size_t count);

/// The shortest JSON for it: of a text that is not UTF-8 there is none, and it must not be asked.
std::string json_of(const Cell& cell);
std::string json_of_text(const std::string& text);
bool is_utf8(const std::string& text);
std::string base64(const std::string& bytes);

}  // namespace cachectl::test
