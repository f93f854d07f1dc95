// The part of support/warm_formats.hpp that writes SQL dumps.
#include <fmt/format.h>

#include <algorithm>

#include "support/warm_sheet.hpp"

namespace cachectl::test {

namespace {

using Kind = Cell::Kind;

std::string single_quoted(const std::string& text) { return quoted(text, '\''); }

std::string mysql_text(const std::string& text) {
    std::string sql = "'";
    for (const char c : text) {
        const std::string_view plain("\0\n\r\\'\"\x1a", 7);
        const std::size_t at = plain.find(c);
        if (at == std::string_view::npos) {
            sql += c;
        } else {
            sql.append(1, '\\').append(1, "0nr\\'\"Z"[at]);
        }
    }
    return sql + "'";
}

std::string copy_field(const Cell& cell) {
    WarmFormat copy;
    copy.format = RowFormat::tsv_copy;
    if (cell.kind == Kind::boolean) {
        return cell.text.substr(0, 1);
    }
    if (cell.kind == Kind::bytes) {
        return "\\\\x" + to_hex(cell.text);
    }
    return tsv_field(copy, cell, cell.text);
}

std::string sql_value(const WarmFormat& format, const Cell& cell) {
    const bool mysql = format.format == RowFormat::mysql;
    switch (cell.kind) {
        case Kind::missing:
        case Kind::null:
            return "NULL";
        case Kind::number:
            return cell.text;
        case Kind::boolean:
            if (format.format == RowFormat::postgres_insert) {
                return cell.text;
            }
            return cell.text == "true" ? "1" : "0";
        case Kind::bytes:
            if (format.format == RowFormat::postgres_insert) {
                return "'\\x" + to_hex(cell.text) + "'";
            }
            if (!mysql) {
                return "X'" + to_hex(cell.text) + "'";
            }
            return cell.text.empty() ? "''" : "0x" + to_hex(cell.text);
        default:
            return mysql ? mysql_text(cell.text) : single_quoted(cell.text);
    }
}

/// What a reader makes of a value of a dump.
void become_sql(const WarmFormat& format, ModelRow& row) {
    const bool postgres =
        format.format == RowFormat::postgres_copy || format.format == RowFormat::postgres_insert;
    for (Cell& cell : row.cells) {
        if (cell.kind == Kind::boolean && !postgres) {
            cell = {Kind::number, cell.text == "true" ? "1" : "0"};
        }
        if (cell.kind == Kind::bytes) {
            cell = {Kind::text, format.binary == "hex"   ? to_hex(cell.text)
                                : format.binary == "raw" ? cell.text
                                                         : base64(cell.text)};
        }
    }
}

std::string definition(const WarmFormat& format, char quote) {
    const bool mysql = format.format == RowFormat::mysql;
    const std::vector<std::string> types =
        format.format == RowFormat::sqlite
            ? std::vector<std::string>{"INTEGER", "TEXT", "TEXT", "NUMERIC",
                                       "BOOLEAN", "JSON", "BLOB"}
        : mysql ? std::vector<std::string>{"int DEFAULT NULL",
                                           "varchar(20) DEFAULT NULL",
                                           "text",
                                           "decimal(65,30) DEFAULT NULL",
                                           "tinyint(1) DEFAULT NULL",
                                           "json DEFAULT NULL",
                                           "blob"}
                : std::vector<std::string>{
                      "integer", "character varying(20)", "text", "numeric", "boolean", "jsonb",
                      "bytea"};
    std::string sql;
    for (std::size_t i = 0; i < format.columns.size(); ++i) {
        sql += (i == 0 ? "\n  " : ",\n  ") + quoted(format.columns[i], quote) + " " + types[i];
    }
    return sql;
}

void write_copy(const WarmFormat& format, Sheet& sheet, std::vector<ModelRow>& rows) {
    sheet.add("CREATE TABLE public.items (" + definition(format, '"') + "\n);\n\n");
    std::string columns;
    for (const std::string& column : format.columns) {
        columns += (columns.empty() ? "" : ", ") + quoted(column, '"');
    }
    sheet.add("COPY public.items (" + columns + ") FROM stdin;\n");
    for (ModelRow& row : rows) {
        sheet.begin(row);
        std::string line;
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            line += (i == 0 ? "" : "\t") + copy_field(row.cells[i]);
        }
        sheet.add(line + (row.is_readable ? "\n" : "\tone too many\n"));
        become_sql(format, row);
    }
    sheet.add("\\.\n\n");
}

void write_inserts(RandomData& random, const WarmFormat& format, Sheet& sheet,
                   std::vector<ModelRow>& rows) {
    const bool mysql = format.format == RowFormat::mysql;
    const std::string table = mysql                                ? "`items`"
                              : format.format == RowFormat::sqlite ? "items"
                                                                   : "public.items";
    sheet.add("CREATE TABLE " + table + " (" + definition(format, mysql ? '`' : '"') + "\n)" +
              (mysql ? " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" : "") + ";\n");
    const bool many = format.format != RowFormat::sqlite && !random.one_in(3);
    const std::string between = many ? random.any_of({",", ",\n", ", "}) : ";\n";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) {
            sheet.add(between);
        }
        if (i == 0 || !many) {
            sheet.add("INSERT INTO " + table + " VALUES ");
        }
        sheet.begin(rows[i]);
        std::string values;
        for (std::size_t c = 0; c < rows[i].cells.size(); ++c) {
            const bool is_broken = !rows[i].is_readable && c == Column::name;
            values +=
                (c == 0 ? "" : ",") + (is_broken ? "now()" : sql_value(format, rows[i].cells[c]));
        }
        sheet.add("(" + values + ")");
        become_sql(format, rows[i]);
    }
    if (!rows.empty()) {
        sheet.add(";\n");
    }
}

}  // namespace

void write_sql(RandomData& random, const WarmFormat& format, Sheet& sheet,
               std::vector<ModelRow>& rows) {
    const bool mysql = format.format == RowFormat::mysql;
    const bool sqlite = format.format == RowFormat::sqlite;
    sheet.add(mysql    ? "-- MySQL dump 10.13  Distrib 8.0.32, for Linux (x86_64)\n"
                         "/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `items`;\n"
              : sqlite ? "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"
                       : "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n"
                         "SET standard_conforming_strings = on;\n\n");
    if (format.has_other_table) {
        sheet.add("CREATE TABLE other (id integer);\nINSERT INTO other VALUES (1);\n");
    }
    if (format.format == RowFormat::postgres_copy) {
        write_copy(format, sheet, rows);
    } else {
        write_inserts(random, format, sheet, rows);
    }
    sheet.add(sqlite  ? "COMMIT;\n"
              : mysql ? "-- Dump completed on 2024-02-29 23:59:59\n"
                      : "--\n-- PostgreSQL database dump complete\n--\n");
}

}  // namespace cachectl::test
