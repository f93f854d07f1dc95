#include "output/csv.hpp"

#include <charconv>

#include "output/escape.hpp"

namespace cachectl {

namespace {

Formulas g_formulas = Formulas::kept;

bool is_number(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool is_formula(std::string_view cell) {
    constexpr std::string_view k_begin = "=+-@\t\r\n";
    return !cell.empty() && k_begin.find(cell.front()) != k_begin.npos && !is_number(cell);
}

}  // namespace

void set_csv_formulas(Formulas formulas) { g_formulas = formulas; }

void CsvWriter::field(std::string_view bytes) {
    std::string changed;
    if (m_out.is_terminal()) {
        bytes = changed = escape_for_terminal(bytes);
    }
    if (g_formulas == Formulas::guarded && is_formula(bytes)) {
        bytes = changed = '\'' + std::string(bytes);
    }
    write_field(bytes);
}

void CsvWriter::write_field(std::string_view bytes) {
    // Nothing is written for a first field that is empty until another follows: alone, it would
    // be an empty line, which many readers skip.
    if (m_row != Row::empty) {
        m_out.write(",");
    }
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
    if (m_row == Row::one_empty_field) {
        m_out.write("\"\"");
    }
    m_out.write("\r\n");
    m_row = Row::empty;
}

}  // namespace cachectl
