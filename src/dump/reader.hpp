// A dump, row by row: what every format looks like to the commands. open_reader() recognises the
// format by content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/csv_options.hpp"
#include "dump/record.hpp"
#include "dump/row_result.hpp"
#include "dump/source.hpp"
#include "dump/sql/options.hpp"

namespace cachectl {

struct SqlTable;

enum class Next { record, end };

/// What a record of the dump is.
enum class RecordShape {
    row,    // named columns
    entry,  // a member of one JSON object: the columns are "key" (text) and "value"
};

class RecordReader {
public:
    virtual ~RecordReader() = default;

    /// After Next::record, record() is the row, until the next call. Throws Error(bad_input,
    /// "FILE:LINE: …") where reading cannot go on: rows returned before are good.
    virtual RowResult<Next> next() = 0;
    [[nodiscard]] virtual const Record& record() const = 0;

    /// Of a file with a header: the names of its columns, before the first row; else none.
    [[nodiscard]] virtual std::vector<std::string> header() const { return {}; }
    [[nodiscard]] virtual RecordShape shape() const { return RecordShape::row; }
    /// Whether it is an SQL dump, whose rows are of tables.
    [[nodiscard]] virtual bool has_tables() const { return false; }
    /// Of an SQL dump: the table that the row is of. nullptr before the first and for other
    /// formats.
    [[nodiscard]] virtual const SqlTable* table() const { return nullptr; }
    /// The tables that the dump has defined or had rows of so far.
    [[nodiscard]] virtual std::vector<const SqlTable*> known_tables() const { return {}; }
    /// In words, for people: "CSV", "JSON array" …
    [[nodiscard]] virtual std::string_view format_name() const = 0;
    /// After the end: what the user should know although every row was read, or nothing.
    [[nodiscard]] virtual std::string_view warning() const { return {}; }
    /// After the end: why the input may lack rows without showing it, or nothing.
    [[nodiscard]] virtual std::string doubt() const { return {}; }
    /// All of them, where there may be several.
    [[nodiscard]] virtual std::vector<std::string> warnings() const {
        return std::vector<std::string>(warning().empty() ? 0 : 1, std::string(warning()));
    }
};

/// What the user says the format is.
enum class DumpFormat { automatic, json, ndjson, csv, tsv, sql };

/// A file that is one JSON object may hold keys and their values, or a single record. Which one
/// the content cannot tell, but whoever gave a key template with columns can. With
/// DumpFormat::json it is always entries, with ndjson always records.
enum class LoneObject { entries, record };

struct ReaderOptions {
    DumpFormat format = DumpFormat::automatic;
    LoneObject lone_object = LoneObject::entries;
    std::size_t max_record_bytes = std::size_t{512} * 1024 * 1024;  // also Redis's own limit
    SqlOptions sql;  // for an SQL dump; whether backslashes escape, for TSV too
    CsvOptions csv;
    std::vector<std::string>
        record_columns;  // that the options ask for: an object that has them is a record
    std::string
        rows;  // of JSON: where the array of records is, as RFC 6901 says it; empty: outside
};

/// json, ndjson, csv, tsv, sql; nothing for any other name.
std::optional<DumpFormat> parse_dump_format(std::string_view name) noexcept;

/// Recognises the format and opens its reader, which keeps a reference to `source`. Throws
/// Error(bad_input) for an empty input and for one that cannot be read, naming the remedy.
///
/// Without a DumpFormat, the rules are:
///  - `[` begins a JSON array of records.
///  - `{` … `}` and nothing else is one JSON object of key → value, or what LoneObject says; more
///    objects behind it make it NDJSON, or, if the first spans lines, JSON objects in a row, as
///    jq prints them. An object that is longer than the look-ahead is taken for key → value,
///    unless LoneObject says otherwise. If its first line break stands where none can be within an
///    object, the first line is a broken line of NDJSON.
///  - a comment, a statement or a command to psql begins an SQL dump; its dialect is what the
///    marks in its first 64 KiB say (guess_sql).
///    A word of SQL counts only with what makes a statement of it (look_for_sql); a file named
///    *.sql and a table or a dialect that was asked for mean SQL whatever the content is, unless
///    it begins as JSON or HTML does.
///  - anything else is CSV, or TSV if the tab separates its columns (find_separator). If nothing
///    does, it is no CSV.
///  - with a JSON pointer it is JSON, with a delimiter or a header CSV or TSV.
std::unique_ptr<RecordReader> open_reader(Source& source, const ReaderOptions& options = {});

}  // namespace cachectl
