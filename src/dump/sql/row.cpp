#include "dump/sql/row.hpp"

namespace cachectl {

void SqlRow::clear() {
    m_cells.clear();
    m_bytes.clear();
}

void SqlRow::add(std::string_view name, ValueKind kind, std::string_view text) {
    m_cells.push_back({name, kind, false, text, 0, 0});
}

void SqlRow::add_copy(std::string_view name, ValueKind kind, std::string_view bytes) {
    m_cells.push_back({name, kind, true, {}, m_bytes.size(), bytes.size()});
    m_bytes.append(bytes);
}

void SqlRow::finish(std::uint64_t line, Record& record) const {
    record.begin(line);
    for (const Cell& cell : m_cells) {
        record.add(
            cell.name, cell.kind,
            cell.own ? std::string_view(m_bytes).substr(cell.begin, cell.length) : cell.text);
    }
}

}  // namespace cachectl
