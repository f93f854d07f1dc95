#include "dump/sql/copy_rows.hpp"

namespace cachectl {

std::optional<std::string_view> CopyRows::next(const CopyFormat& format) {
    if (!format.csv) {
        return m_input.take_copy_line();
    }
    m_row.clear();
    do {
        const auto line = m_input.take_whole_line();
        if (!line) {
            return std::nullopt;
        }
        if (line->substr(0, line->find_last_not_of("\r\n") + 1) == k_copy_end) {
            return k_copy_end;
        }
        m_row += *line;
    } while (is_open_row(m_row, format));
    m_row.pop_back();
    if (m_row.ends_with('\r')) {
        m_row.pop_back();
    }
    return m_row;
}

}  // namespace cachectl
