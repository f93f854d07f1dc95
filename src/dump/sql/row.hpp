// A row while it is put together: values that lie in the window, and bytes of its own for those
// that had to be decoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dump/record.hpp"

namespace cachectl {

class SqlRow {
public:
    void clear();
    /// `text` lies in the window or is a constant.
    void add(std::string_view name, ValueKind kind, std::string_view text);
    /// Copies `bytes`. `name` must outlive the row in both.
    void add_copy(std::string_view name, ValueKind kind, std::string_view bytes);
    /// Fills the record with what was added; its values are valid until the next clear().
    void finish(std::uint64_t line, Record& record) const;

private:
    struct Cell {
        std::string_view name;
        ValueKind kind;
        bool own;
        std::string_view text;  // unless it is of its own
        std::size_t begin;      // in m_bytes
        std::size_t length;
    };
    std::vector<Cell> m_cells;
    std::string m_bytes;
};

}  // namespace cachectl
