// CSV as RFC 4180 has it: fields separated by commas, rows ended by CRLF, quotes only where needed.
#pragma once

#include <string_view>

#include "output/writer.hpp"

namespace cachectl {

/// What becomes of a cell that a spreadsheet would run as a formula: one that begins with = + - @,
/// tab, CR or LF and is no number.
enum class Formulas { kept, guarded };

/// For all CSV of this run (--csv-safe).
void set_csv_formulas(Formulas formulas);

class CsvWriter {
public:
    explicit CsvWriter(Writer& out) : m_out(out) {}

    /// The bytes are kept as they are, whatever they are: a reader gets back exactly these. But on
    /// a terminal they are escaped for it, and where formulas are guarded an apostrophe stands
    /// before one. Throws what Writer throws.
    void field(std::string_view bytes);
    void end_row();

private:
    void write_field(std::string_view bytes);

    Writer& m_out;
    enum class Row { empty, one_empty_field, begun } m_row = Row::empty;
};

}  // namespace cachectl
