// How separated text is built, judged by its first lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dump/csv_splitter.hpp"
#include "dump/source.hpp"

namespace cachectl {

/// What the layout is judged by: the first lines, the same however the input comes in pieces.
struct CsvSample {
    static constexpr std::size_t k_bytes = std::size_t{64} * 1024;
    static constexpr std::size_t k_lines = 16;

    std::string_view text;
    bool whole = false;  // the input ends with it
};
/// Reads ahead as far as that needs. Consumes nothing.
CsvSample sample_lines(Source& source);
/// The first `bytes` of the input, or all of it.
CsvSample sample_bytes(Source& source, std::size_t bytes);

/// What stands before the first row: blank lines, and the line `sep=;` by which a spreadsheet says
/// what separates the columns.
struct CsvPrologue {
    std::size_t bytes = 0;
    std::optional<char> separator;
};
CsvPrologue find_prologue(std::string_view text);

/// '\r' where lines end with nothing else, else '\n'.
char find_line_end(std::string_view text);

/// What separates the columns: the tab, ';', '|' or ',' at which nearly all of the first lines have
/// the same number of fields, and more than one. Where several do, the tab is meant before ';' and
/// '|', and these before the comma: they are rare in names and texts, while commas stand in
/// numbers. Where none does, it is the one at which most lines have as many fields as the first;
/// at ';' and '|', which end lines of other texts too, one has to. Nothing if the first line has
/// one field only.
std::optional<char> find_separator(const CsvSample& sample);

}  // namespace cachectl
