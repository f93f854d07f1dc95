#include "dump/recognise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dump/csv_layout.hpp"
#include "dump/json_framing.hpp"
#include "dump/sql/look.hpp"
#include "dump/sql/preamble.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

using namespace std::string_view_literals;

[[noreturn]] void refuse(const Source& source, std::string_view what, std::string hint) {
    throw Error(ExitCode::bad_input, fmt::format("cannot read {}: {}", source.name(), what),
                std::move(hint));
}

/// Reads until the window holds `count` bytes; false if the input ends before.
bool look_ahead(Source& source, std::size_t count) {
    while (source.window().size() < count) {
        if (!source.fill()) {
            return false;
        }
    }
    return true;
}

struct Magic {
    std::size_t at;
    std::string_view bytes;
    std::string_view what;
    std::string_view remedy;  // {} is the file's name
};

constexpr std::array k_magics = {
    Magic{0, "PGDMP", "it is in pg_dump's custom format", "pg_restore -f - {} | cachectl warm -"},
    Magic{0, "toc.dat\0"sv, "it is a tar archive made by pg_dump",
          "pg_restore -f - {} | cachectl warm -"},
    // POSIX's and GNU's; five letters alone would be the middle of any text.
    Magic{257, "ustar\0"sv, "it is a tar archive", "tar -xOf {} MEMBER | cachectl warm -"},
    Magic{257, "ustar  \0"sv, "it is a tar archive", "tar -xOf {} MEMBER | cachectl warm -"},
    Magic{0, "\x1f\x8b", "it is compressed with gzip, twice", "zcat {} | cachectl warm -"},
    Magic{0, "\x28\xb5\x2f\xfd", "it is compressed with zstd, twice",
          "zstdcat {} | cachectl warm -"},
    Magic{0, "\xfd\x37zXZ\0"sv, "it is compressed with xz", "xz -dc {} | cachectl warm -"},
    Magic{4, "\x31\x41\x59\x26\x53\x59", "it is compressed with bzip2",
          "bzip2 -dc {} | cachectl warm -"},
    Magic{0, "\x04\x22\x4d\x18", "it is compressed with lz4", "lz4 -dc {} | cachectl warm -"},
    Magic{0, "7z\xbc\xaf\x27\x1c", "it is a 7z archive", "7z x -so {} | cachectl warm -"},
    Magic{0, "PK\x03\x04", "it is a zip archive, or a spreadsheet",
          "unzip -p {} | cachectl warm -; a spreadsheet is to be saved as CSV"},
    Magic{0, "SQLite format 3\0"sv, "it is an SQLite database",
          "sqlite3 -json {} 'SELECT * FROM TABLE' | cachectl warm -"},
    Magic{0, "PAR1\x15", "it is a Parquet file",
          "duckdb -csv -c \"select * from '{}'\" | cachectl warm -"},
    Magic{0, "REDIS0", "it is a Redis RDB snapshot", ""},
    Magic{0, "\xff\xfe", "it is UTF-16, not UTF-8",
          "iconv -f UTF-16 -t UTF-8 {} | cachectl warm -"},
    Magic{0, "\xfe\xff", "it is UTF-16, not UTF-8",
          "iconv -f UTF-16 -t UTF-8 {} | cachectl warm -"},
};

/// Is every other byte of the beginning zero, from `first` on (1: little-endian), and none else?
bool is_utf16(std::string_view text, std::size_t first) {
    constexpr std::size_t k_enough = 32;
    const std::size_t size = std::min(text.size() & ~std::size_t{1}, k_enough);
    for (std::size_t i = 0; i < size; ++i) {
        if ((text[i] == '\0') != (i % 2 == first)) {
            return false;
        }
    }
    return size >= 4;
}

/// PowerShell and others write it without the mark that tells it.
void refuse_utf16(const Source& source) {
    for (const auto& [first, name] : {std::pair(1, "UTF-16LE"), std::pair(0, "UTF-16BE")}) {
        if (is_utf16(source.window(), static_cast<std::size_t>(first))) {
            refuse(source, "it is UTF-16 without a byte order mark, not UTF-8",
                   fmt::format("iconv -f {} -t UTF-8 {} | cachectl warm -", name,
                               source.fd() == 0 ? "FILE" : source.name()));
        }
    }
}

constexpr std::size_t k_header_bytes = std::size_t{64} * 1024;

bool ends_so(std::string_view name, std::string_view ending) {
    return name.size() > ending.size() &&
           same_sql_name(name.substr(name.size() - ending.size()), ending);
}

/// "dump.sql", "DUMP.SQL", "dump.sql.gz" …
bool is_named(std::string_view name, std::string_view ending) {
    for (const std::string_view packed : {".gz", ".gzip", ".zst", ".zstd"}) {
        if (ends_so(name, packed)) {
            name.remove_suffix(packed.size());
            break;
        }
    }
    return ends_so(name, ending);
}

/// How many fields a line has at a separator, outside of quotes.
std::size_t count_fields(std::string_view line, char separator) {
    bool quoted = false;
    std::size_t count = 1;
    for (const char c : line) {
        quoted ^= c == '"';
        count += !quoted && c == separator ? 1 : 0;
    }
    return count;
}

/// Have the first two lines the same columns, and more than one?
bool has_columns(std::string_view text) {
    const std::string_view first = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(first.size() + 1, text.size()));
    const std::string_view second = text.substr(0, text.find('\n'));
    return std::ranges::any_of(std::string_view(",\t"), [&](char separator) {
        const std::size_t fields = count_fields(first, separator);
        return fields > 1 && fields == count_fields(second, separator);
    });
}

/// Is it a CSV or TSV by its name, and may it be one? What looks like a statement in its header is
/// none then, unless it ends as one.
bool is_named_separated(const Source& source, std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t last = line.find_last_not_of(" \t\r");
    return (is_named(source.name(), ".csv") || is_named(source.name(), ".tsv")) &&
           last != std::string_view::npos && line[last] != ';' && has_columns(text);
}

/// Reads on while comments go on, and to the end of the first line behind them.
SqlLook look_at(Source& source, std::size_t begin, std::size_t& messages) {
    while (true) {
        const std::string_view text = source.window().substr(begin);
        messages = tool_messages(text);
        const std::string_view rest = text.substr(messages);
        const SqlLook look = look_for_sql(rest);
        constexpr std::size_t k_statement_begins = 512;
        const std::size_t content = skip_sql_comments(rest);
        const bool more = look == SqlLook::comments || rest.size() - content < k_statement_begins ||
                          rest.find('\n', content) == std::string_view::npos;
        if (look == SqlLook::yes || !more || text.size() >= k_header_bytes || !source.fill()) {
            return look;
        }
    }
}

bool is_sql(Source& source, std::size_t begin, const SqlOptions& options) {
    std::size_t messages = 0;
    const SqlLook look = look_at(source, begin, messages);
    const std::string_view text = source.window().substr(begin);
    if (look == SqlLook::yes) {
        return !is_named_separated(source, text);
    }
    const bool nothing_else = text.find_first_not_of(" \t\r\n", messages) == std::string_view::npos;
    if (messages != 0 && (look == SqlLook::no || nothing_else)) {
        refuse(source, "it begins with a message of the program that wrote it",
               "send the program's stderr elsewhere: 2>messages.txt");
    }
    const bool says_sql = !options.tables.empty() || options.dialect != SqlDialect::automatic ||
                          is_named(source.name(), ".sql");
    return says_sql || (look == SqlLook::comments && !has_columns(text));
}

/// `begin` is where the first line that is not blank has its first character that is no space.
DumpKind recognise_separated(Source& source, std::size_t begin, const ReaderOptions& options) {
    while (source.window().find('\n', begin) == std::string_view::npos &&
           source.window().size() < k_header_bytes && source.fill()) {
    }
    begin = source.window().substr(0, begin).find_last_of('\n') + 1;
    const std::string_view text = source.window().substr(begin);
    const std::string_view header = text.substr(0, text.find('\n'));
    if (header.find('\0') != std::string_view::npos) {
        refuse(source, "it is neither JSON nor CSV but binary data", {});
    }
    const CsvSample sample = sample_lines(source);
    const auto separator = options.csv.delimiter ? options.csv.delimiter : find_separator(sample);
    if (!separator && !options.csv.any()) {
        refuse(source, "it is neither JSON nor SQL, and no CSV: its first line has but one column",
               "if it is a CSV of one column all the same, say --format csv; if it is SQL, "
               "--format sql");
    }
    return separator == '\t' ? DumpKind::tsv : DumpKind::csv;
}

}  // namespace

void refuse_unreadable(Source& source) {
    look_ahead(source, 512);
    if (source.window().starts_with("\xef\xbb\xbf")) {
        source.consume(3);
    }
    const std::string_view text = source.window();
    for (const Magic& magic : k_magics) {
        if (text.size() > magic.at && text.substr(magic.at).starts_with(magic.bytes)) {
            const std::string name = source.fd() == 0 ? "FILE" : source.name();
            refuse(source, magic.what, fmt::format(fmt::runtime(magic.remedy), name));
        }
    }
    refuse_utf16(source);
    if (find_content(source, 0) == std::string_view::npos) {
        refuse(source, "it is empty", {});
    }
}

DumpKind recognise(Source& source, const ReaderOptions& options) {
    const std::size_t begin = find_content(source, 0);
    const char first = begin == std::string_view::npos ? '\0' : source.window()[begin];
    switch (options.format) {
        case DumpFormat::ndjson:
            return DumpKind::ndjson;
        case DumpFormat::csv:
            return DumpKind::csv;
        case DumpFormat::tsv:
            return DumpKind::tsv;
        case DumpFormat::sql:
            return DumpKind::sql;
        case DumpFormat::json:
        case DumpFormat::automatic:
            break;
    }
    if (options.format == DumpFormat::automatic && options.csv.says_separated()) {
        return recognise_separated(source, begin, options);
    }
    const bool said = options.format == DumpFormat::json;
    if (first == '[') {
        if (!said) {
            refuse_wrapped_tables(source, begin);
        }
        return DumpKind::json_array;
    }
    if (first == '{') {
        return said ? DumpKind::json_object : recognise_objects(source, begin, options);
    }
    if (options.format == DumpFormat::json) {
        refuse(source, "it is not a JSON array or object", {});
    }
    if (first == '<') {
        refuse(source, "it looks like HTML or XML", "if it is CSV all the same, say --format csv");
    }
    if (is_sql(source, begin, options.sql)) {
        return DumpKind::sql;
    }
    return recognise_separated(source, begin, options);
}

}  // namespace cachectl
