#include "warm/manifest_dataset.hpp"

#include <chrono>

#include "change/expiry_change.hpp"
#include "dump/json_pointer.hpp"
#include "util/parse.hpp"
#include "warm/manifest_columns.hpp"

namespace cachectl {

namespace {

/// One of a few words.
template <typename Parse>
auto parse_word(const JsonValue& value, Parse parse, std::string_view known) {
    const auto word = parse(value.as_text());
    if (!word) {
        value.fail(fmt::format("must be one of {}, not '{}'", known, value.as_string()));
    }
    return *word;
}

std::chrono::milliseconds parse_ttl(const JsonValue& value) {
    const auto ttl = parse_text(value, parse_duration);
    if (ttl.count() == 0) {
        value.fail("must be more than 0");
    }
    return ttl;
}

RowOptions parse_rows(const Members& members) {
    RowOptions rows;
    rows.key = members.text("key");
    rows.value = members.text("value");
    rows.collect = members.text("collect");
    rows.collect_by = members.text("collect_by");
    rows.group = members.text("group");
    if (const JsonValue* as = members.find("as")) {
        rows.as = parse_word(*as, parse_encode_as, "json, string, hash, list, set, zset");
    }
    if (const JsonValue* columns = members.find("columns")) {
        rows.columns = manifest_columns(*columns);
    }
    return rows;
}

}  // namespace

std::vector<std::string> parse_names(const JsonValue& value) {
    if (value.type() == JsonValue::Type::string) {
        return {value.as_text()};
    }
    std::vector<std::string> names = value.as_texts();
    if (names.empty()) {
        value.fail("must not be empty");
    }
    return names;
}

DatasetOptions parse_dataset(const JsonValue& value, const Members& members,
                             const std::string& manifest) {
    DatasetOptions dataset;
    dataset.place = fmt::format("{}:{}", manifest, value.line());
    dataset.rows = parse_rows(members);
    if (const JsonValue* tables = members.find("table")) {
        dataset.tables = parse_names(*tables);
        for (const std::string& name : dataset.tables) {
            parse_text(*tables, name, SqlTableName::parse);
        }
    }
    // Said for all, it is for those that are SQL dumps.
    dataset.needs_tables = value.find("schema") != nullptr;
    if (const JsonValue* where = members.find("where")) {
        dataset.where = parse_text(*where, [](const auto& text) { return Where::parse(text); });
    }
    if (const JsonValue* ttl = members.find("ttl")) {
        dataset.ttl = parse_ttl(*ttl);
    }
    if (const JsonValue* jitter = members.find("jitter")) {
        dataset.jitter = parse_text(*jitter, parse_jitter);
    }
    if (const JsonValue* if_exists = members.find("if_exists")) {
        dataset.if_exists =
            parse_word(*if_exists, parse_if_exists, "skip, overwrite, refresh, update");
        dataset.says_if_exists = true;
    }
    // Said for all, it is for those that refresh.
    const JsonValue* below = dataset.if_exists == IfExists::refresh ? members.find("refresh_below")
                                                                    : value.find("refresh_below");
    if (below != nullptr) {
        dataset.refresh_below = parse_ttl(*below);
    }
    try {
        dataset.rows.check();
        dataset.check_if_exists();
    } catch (const Error& error) {
        throw dataset.located(error);
    }
    return dataset;
}

ReaderOptions parse_reading(const Members& members) {
    ReaderOptions reading;
    if (const JsonValue* format = members.find("format")) {
        reading.format = parse_word(*format, parse_dump_format, "json, ndjson, csv, tsv, sql");
    }
    if (const JsonValue* dialect = members.find("dialect")) {
        reading.sql.dialect =
            parse_word(*dialect, parse_sql_dialect, "auto, postgres, mysql, sqlite, generic");
    }
    if (const JsonValue* binary = members.find("binary")) {
        reading.sql.binary = parse_word(*binary, parse_binary_as, "base64, hex, raw");
    }
    if (const JsonValue* escapes = members.find("backslash_escapes")) {
        reading.sql.escapes = escapes->as_bool() ? SqlEscapes::backslash : SqlEscapes::none;
    }
    if (const JsonValue* delimiter = members.find("delimiter")) {
        reading.csv.delimiter = parse_text(*delimiter, parse_csv_delimiter);
    }
    if (const JsonValue* header = members.find("header")) {
        reading.csv.header = header->as_texts();
        if (reading.csv.header.empty()) {
            header->fail("must not be empty");
        }
    }
    if (const JsonValue* types = members.find("types")) {
        reading.csv.types = parse_text(*types, parse_csv_types);
    }
    if (const JsonValue* text = members.find("null")) {
        reading.csv.null_text = text->as_string();
    }
    if (const JsonValue* rows = members.find("rows")) {
        parse_text(*rows, parse_json_pointer);
        reading.rows = rows->as_text();
    }
    return reading;
}

bool same_reading(const ReaderOptions& a, const ReaderOptions& b) {
    return a.format == b.format && a.sql.dialect == b.sql.dialect && a.sql.binary == b.sql.binary &&
           a.sql.escapes == b.sql.escapes && a.sql.definitions == b.sql.definitions &&
           a.csv == b.csv && a.rows == b.rows;
}

}  // namespace cachectl
