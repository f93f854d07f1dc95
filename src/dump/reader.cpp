#include "dump/reader.hpp"

#include "dump/csv_reader.hpp"
#include "dump/json_framing.hpp"
#include "dump/json_reader.hpp"
#include "dump/json_rows.hpp"
#include "dump/recognise.hpp"
#include "dump/sql_reader.hpp"
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

}  // namespace

std::unique_ptr<RecordReader> open_reader(Source& source, const ReaderOptions& options) {
    using Framing = JsonArrayReader::Framing;
    refuse_unreadable(source);
    if (!options.rows.empty()) {
        check_rows(source, options);
        return std::make_unique<JsonRowsReader>(source, options);
    }
    switch (recognise(source, options)) {
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
