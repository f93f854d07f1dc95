// Rows written down in the formats that `warm` reads, as the programs that make such files do it,
// and what a reader has to make of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/warm_rows.hpp"

namespace cachectl::test {

enum class RowFormat {
    ndjson,
    json_array,
    json_wrapped,
    json_entries,  // one object of keys and values
    csv,
    tsv_copy,   // as PostgreSQL's COPY
    tsv_batch,  // as mysql --batch
    tsv_plain,  // no escapes
    postgres_copy,
    postgres_insert,
    mysql,
    sqlite
};

struct WrittenFile {
    std::string bytes;
    std::vector<ModelRow> rows;  // as a reader has to give them
};

/// One format with all that may vary in it.
struct WarmFormat {
    RowFormat format = RowFormat::ndjson;
    std::vector<std::string> columns;      // their names
    char delimiter = ',';                  // of CSV and TSV
    bool crlf = false;                     // lines of CSV end so
    std::optional<std::string> null_text;  // of CSV
    bool has_header = true;                // or --header gives the names
    bool is_typed = false;                 // --types gives the types of CSV and TSV
    bool has_bom = false;
    bool says_format = false;
    bool has_other_table = false;  // of SQL
    std::string binary;            // --binary; empty: nothing is said, which is base64
    bool breaks_rows = false;      // some cannot be read

    [[nodiscard]] bool is_sql() const { return format >= RowFormat::postgres_copy; }
    [[nodiscard]] bool is_json() const { return format <= RowFormat::json_entries; }
    [[nodiscard]] bool has_entries() const { return format == RowFormat::json_entries; }
    [[nodiscard]] RowRules rules() const;
    [[nodiscard]] std::string file_name() const;
    /// What has to be said of it: options without their dashes and their values.
    [[nodiscard]] std::map<std::string, std::string> options() const;

    [[nodiscard]] std::vector<ModelRow> rows(RandomData& random, std::size_t count) const;
    [[nodiscard]] WrittenFile write(RandomData& random, std::vector<ModelRow> rows) const;
};

WarmFormat random_format(RandomData& random);

}  // namespace cachectl::test
