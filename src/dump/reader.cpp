#include "dump/reader.hpp"

#include "dump/csv_reader.hpp"
#include "dump/json_framing.hpp"
#include "dump/json_reader.hpp"
#include "dump/json_rows.hpp"
#include "dump/recognise.hpp"
#include "dump/sql/reader.hpp"
#include "util/error.hpp"

namespace cachectl {

std::optional<DumpFormat> parse_dump_format(std::string_view name) noexcept {
    if (name == "json") {
        return DumpFormat::json;
    }
    if (name == "ndjson") {
        return DumpFormat::ndjson;
    }
    if (name == "csv") {
        return DumpFormat::csv;
    }
    if (name == "tsv") {
        return DumpFormat::tsv;
    }
    if (name == "sql") {
        return DumpFormat::sql;
    }
    return std::nullopt;
}

namespace {

void check_rows(Source& source, const ReaderOptions& options) {
    const std::size_t begin = find_content(source, 0);
    const bool json = begin != std::string_view::npos &&
                      std::string_view("{[").find(source.window()[begin]) != std::string_view::npos;
    const bool other =
        options.format != DumpFormat::automatic && options.format != DumpFormat::json;
    if (!json || other || options.csv.any()) {
        throw Error(ExitCode::usage,
                    "--rows is for JSON, and " + source.name() +
                        (json ? " is to be read as something else" : " is something else"));
    }
}

void check_csv(const Source& source, DumpKind kind, const ReaderOptions& options) {
    if (options.csv.any() && kind != DumpKind::csv && kind != DumpKind::tsv) {
        throw Error(ExitCode::usage,
                    "--delimiter, --header, --types and --null are for CSV and TSV, and " +
                        source.name() + " is neither",
                    "if it is one all the same, say --format csv or --format tsv");
    }
}

}  // namespace

std::unique_ptr<RecordReader> open_reader(Source& source, const ReaderOptions& options) {
    using Framing = JsonArrayReader::Framing;
    refuse_unreadable(source);
    if (!options.rows.empty()) {
        check_rows(source, options);
        return std::make_unique<JsonRowsReader>(source, options);
    }
    const DumpKind kind = recognise(source, options);
    check_csv(source, kind, options);
    switch (kind) {
        case DumpKind::json_array:
            return std::make_unique<JsonArrayReader>(source, options, Framing::array);
        case DumpKind::json_objects:
            return std::make_unique<JsonArrayReader>(source, options, Framing::objects_in_a_row);
        case DumpKind::json_object:
            return std::make_unique<JsonObjectReader>(source, options);
        case DumpKind::ndjson:
            return std::make_unique<NdjsonReader>(source, options);
        case DumpKind::sql:
            return std::make_unique<SqlReader>(source, options);
        case DumpKind::csv:
            return std::make_unique<CsvReader>(source, CsvReader::Quoting::csv, options);
        case DumpKind::tsv:
            return std::make_unique<CsvReader>(source, CsvReader::Quoting::tsv, options);
    }
    return nullptr;
}

}  // namespace cachectl
