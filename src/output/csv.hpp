// CSV as RFC 4180 has it: fields separated by commas, rows ended by CRLF, quotes only where needed.
#pragma once

#include <string_view>

#include "output/writer.hpp"

namespace cachectl {

class CsvWriter {
public:
    explicit CsvWriter(Writer& out) : m_out(out) {}

    /// The bytes are kept as they are, whatever they are: a reader gets back exactly these. Throws
    /// what Writer throws.
    void field(std::string_view bytes);
    void end_row();

private:
    Writer& m_out;
    enum class Row { empty, one_empty_field, begun } m_row = Row::empty;
};

}  // namespace cachectl
