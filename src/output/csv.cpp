#include "output/csv.hpp"

namespace cachectl {

void CsvWriter::field(std::string_view bytes) {
    // Nothing is written for a first field that is empty until another follows: alone, it would
    // be an empty line, which many readers skip.
    if (m_row != Row::empty) m_out.write(",");
    m_row = m_row == Row::empty && bytes.empty() ? Row::one_empty_field : Row::begun;

    if (bytes.find_first_of(",\"\r\n") == std::string_view::npos) {
        m_out.write(bytes);
        return;
    }
    m_out.write("\"");
    for (std::size_t quote = bytes.find('"'); quote != std::string_view::npos;
         quote = bytes.find('"')) {
        m_out.write(bytes.substr(0, quote + 1));
        m_out.write("\"");
        bytes.remove_prefix(quote + 1);
    }
    m_out.write(bytes);
    m_out.write("\"");
}

void CsvWriter::end_row() {
    if (m_row == Row::one_empty_field) m_out.write("\"\"");
    m_out.write("\r\n");
    m_row = Row::empty;
}

}  // namespace cachectl
