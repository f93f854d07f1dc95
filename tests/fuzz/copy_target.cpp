// The input as the data of a COPY into a table with a column of each kind.
#include "dump/sql/copy_reader.hpp"

#include <fmt/format.h>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

void fuzz_copy(std::string_view input) {
    ReaderOptions options{.format = DumpFormat::sql};
    options.sql.dialect = SqlDialect::postgres;
    // Behind a line "\\." the input may go on with statements and tables of its own.
    const bool ends_early = ("\n" + std::string(input)).find("\n\\.") != std::string::npos;
    const auto see = [ends_early](const RecordReader& reader) {
        expect(reader.record().size() == 7 || ends_early, "a row has as many values as columns");
    };
    read_twice(fmt::format("CREATE TABLE t (i integer, n numeric, b boolean, t text, j jsonb, "
                           "a text[], x bytea);\nCOPY t FROM stdin;\n{}\n\\.\n",
                           input),
               options, see);

    // One column holds whatever has no line break and no tab.
    const CopyFormat format;
    CopyLine line(input, format);
    std::size_t fields = 0;
    while (const auto field = line.next()) {
        ++fields;
        std::string value;
        unescape_copy(field->raw, format, value);
        expect(field->escaped || value == field->raw, "what has no escape stands for itself");
        expect(value.size() <= field->raw.size(), "no value is longer than its escapes");
    }
    expect(fields > 0, "a line has a field");
}

}  // namespace cachectl
