// How the files of the model of warm are written: rows, and the line where each begins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "support/random_table.hpp"
#include "support/warm_formats.hpp"

namespace cachectl::test {

/// Adds rows to a file, and notes where each begins.
class Sheet {
public:
    explicit Sheet(WrittenFile& file) : m_file(file) {}
    void add(const std::string& text) {
        m_line += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        m_file.bytes += text;
    }
    void begin(ModelRow& row) const { row.line = m_line; }

private:
    WrittenFile& m_file;
    std::size_t m_line = 1;
};

/// A field of TSV, as the format escapes it.
std::string tsv_field(const WarmFormat& format, const Cell& cell, const std::string& field);

/// A dump of one table with these rows, which become what a reader makes of them.
void write_sql(RandomData& random, const WarmFormat& format, Sheet& sheet,
               std::vector<ModelRow>& rows);

}  // namespace cachectl::test
