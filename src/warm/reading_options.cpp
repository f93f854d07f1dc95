// The options of `warm` that say what is read and what its rows become.
#include <fmt/format.h>

#include "dump/json_pointer.hpp"
#include "util/parse.hpp"
#include "warm/options.hpp"

namespace cachectl {

namespace {

constexpr const char* k_input = "Input";
constexpr const char* k_rows = "Rows and keys";
constexpr const char* k_sql = "SQL dumps";

// A limit on the size makes the limit on the growth needless.
UnpackLimits parse_unpack_limits(const std::string& text) {
    const std::uint64_t bytes = parse_size(text);
    if (bytes == 0) {
        throw Error(ExitCode::usage, "it must be more than 0");
    }
    return {.max_ratio = 0, .max_bytes = bytes};
}

std::vector<std::string> parse_columns(const std::string& text) {
    std::vector<std::string> columns;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end == begin) {
            throw Error(ExitCode::usage, "'" + text + "' has an empty name in it");
        }
        columns.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return columns;
}

std::vector<ColumnChoice> parse_choices(const std::string& text) {
    std::vector<ColumnChoice> choices;
    for (const std::string& column : parse_columns(text)) {
        choices.push_back(ColumnChoice::parse(column));
    }
    return choices;
}

std::string parse_rows_pointer(const std::string& text) {
    parse_json_pointer(text);
    return text;
}

void add_input_options(CommandSyntax& syntax, WarmFlags& flags) {
    WarmOptions& options = flags.options;
    flags.of_dataset(add_text_option(syntax, "FILE", options.files, "",
                                     "File to read; - is stdin; several are read in turn"));
    flags
        .of_dataset(add_text_option(syntax, "--files-from", flags.files_from, "FILE",
                                    "Take the names of files from this one: one a line, or with "
                                    "a NUL behind each; - is stdin"))
        .group(k_input);
    add_text_option(syntax, "--manifest", options.manifest, "FILE",
                    "Take files and datasets from this JSON file, see cachectl-manifest(5)")
        .group(k_input);
    syntax
        .add_flag(
            "--list-tables", flags.list_tables,
            "Show the tables of SQL dumps, their columns, types and numbers of rows, and stop")
        .group(k_input)
        .changes_nothing();
    flags
        .of_dataset(add_word_option(
            syntax, "--format", options.reading.format, parse_dump_format,
            {"json", "ndjson", "csv", "tsv", "sql"}, "FORMAT",
            "What the files are: json, ndjson, csv, tsv or sql (default: by their content)"))
        .group(k_input);
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_input); };
    add(add_parsed_option(syntax, "--rows", options.reading.rows, parse_rows_pointer, "POINTER",
                          "Where in a JSON text the array of records is: /data/items"));
    CsvOptions& csv = options.reading.csv;
    add(add_parsed_option(
        syntax, "--delimiter", csv.delimiter, parse_csv_delimiter, "CHAR",
        "What separates the columns of CSV and TSV, '\\t' for a tab (default: what "
        "the first lines agree on)"));
    add(add_parsed_option(syntax, "--header", csv.header, parse_columns, "A,B,…",
                          "The columns of CSV and TSV whose first line is a row already"));
    add(add_parsed_option(
        syntax, "--types", csv.types, parse_csv_types, "A:TYPE,…",
        "What columns of CSV and TSV hold that are not text: int, number, bool or "
        "json, as in id:int,active:bool"));
    add(add_text_option(
        syntax, "--null", csv.null_text, "TEXT",
        "What stands for null in CSV and TSV, unquoted (default: nothing at all, or "
        "what TSV has)",
        EmptyValue::allowed));
    add_parsed_option(syntax, "--max-unpacked", options.unpack, parse_unpack_limits, "SIZE",
                      "Most that a gzip or zstd file may become (default: 1000 times its size)")
        .group(k_input);
}

void add_row_options(CommandSyntax& syntax, WarmFlags& flags) {
    RowOptions& rows = flags.options.dataset.rows;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_rows); };
    add(add_text_option(syntax, "--key", rows.key, "TEMPLATE",
                        "Make a key of each row: text with columns in braces, as in "
                        "'course:{id}'"));
    add(add_word_option(syntax, "--as", rows.as, parse_encode_as,
                        {"json", "string", "hash", "list", "set", "zset"}, "TYPE",
                        "What each key holds: json, string, hash, list, set or zset (default "
                        "json; the strings of a JSON object stand for themselves)"));
    add(add_text_option(syntax, "--value", rows.value, "TEMPLATE",
                        "Make the value of this template, as --as string", EmptyValue::allowed));
    add(add_parsed_option(syntax, "--columns", rows.columns, parse_choices, "A,B=C,…",
                          "Only these columns, in this order; B=C is the column C by the name of B "
                          "(for zset: the member's, the "
                          "score's; for a hash of --group: the field's, the value's)"));
    add(add_parsed_option(
        syntax, "--where", flags.options.dataset.where,
        [](const std::string& text) { return Where::parse(text); }, "COND",
        "Only rows of which this is true: \"active = true and price >= 10\"; =, !=, <, <=, >, "
        ">=, is null, is not null, and"));
    add(add_text_option(syntax, "--collect", rows.collect, "KEY",
                        "Make one key of all rows, a JSON array"));
    add(add_text_option(syntax, "--collect-by", rows.collect_by, "COLUMN",
                        "With --collect: a JSON object whose names are this column's values"));
    add(add_text_option(
        syntax, "--group", rows.group, "TEMPLATE",
        "Make one key of all rows for which this template is the same: a JSON array, "
        "or with --as a list, set, zset or hash"));
    add_parsed_option(syntax, "--max-memory", flags.options.max_memory, parse_size, "SIZE",
                      "Most memory that --collect and --group may take, besides 32 MiB "
                      "that every run may (default 512MiB)")
        .group(k_rows);
}

void add_sql_options(CommandSyntax& syntax, WarmFlags& flags) {
    SqlOptions& sql = flags.options.reading.sql;
    const auto add = [&](Option& option) { flags.of_dataset(option).group(k_sql); };
    add(add_text_option(syntax, "--table", flags.options.dataset.tables, "NAME",
                        "Rows of this table only: NAME or SCHEMA.NAME, \"…\" to mean "
                        "exactly that (repeatable)"));
    add(add_word_option(syntax, "--dialect", sql.dialect, parse_sql_dialect,
                        {"auto", "postgres", "mysql", "sqlite", "generic"}, "NAME",
                        "Whose SQL it is: auto, postgres, mysql, sqlite or generic (default "
                        "auto: by its content)"));
    add(add_word_option(syntax, "--binary", sql.binary, parse_binary_as, {"base64", "hex", "raw"},
                        "HOW",
                        "What becomes of binary values: base64, hex or raw (default base64)"));
    add(syntax.add_flag(
        "--no-backslash-escapes", [&sql] { sql.escapes = SqlEscapes::none; },
        "A backslash in '…' is just a backslash, as where MySQL's NO_BACKSLASH_ESCAPES is set, and "
        "in TSV too (default: what the dump says)"));
}

}  // namespace

void add_reading_options(CommandSyntax& syntax, WarmFlags& flags) {
    add_input_options(syntax, flags);
    add_row_options(syntax, flags);
    add_sql_options(syntax, flags);
}

}  // namespace cachectl
