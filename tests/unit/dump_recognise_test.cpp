#include "dump/recognise.hpp"

#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

std::string format_of(std::string_view text, const ReaderOptions& options = {}) {
    const DumpReading reading = read_all(text, options);
    return reading.format.empty() ? "error: " + reading.error : reading.format;
}

std::string refusal(std::string_view text) {
    const DumpReading reading = read_all(text);
    CHECK(reading.rows.empty());
    return reading.error + " / " + reading.hint;
}

const ReaderOptions k_as_record{.lone_object = LoneObject::record};

}  // namespace

TEST_CASE("JSON is recognised by how it begins and goes on") {
    CHECK(format_of("[]") == "JSON array");
    CHECK(format_of("\n [ {\"a\":1} ]") == "JSON array");
    CHECK(format_of("{}") == "JSON object");
    CHECK(format_of("{\"a\":1}\n") == "JSON object");
    CHECK(format_of("{\n  \"a\": 1\n}\n") == "JSON object");
    CHECK(format_of("{\"a\":1}\n{\"a\":2}\n") == "NDJSON");
    CHECK(format_of("{\"a\":1}\r\n\r\n{\"a\":2}") == "NDJSON");
    CHECK(format_of("{\n\"a\":1\n}\n{\n\"a\":2\n}\n") == "JSON objects");
    CHECK(format_of("{\"a\":1}{\"a\":2}") == "JSON objects");
    CHECK(format_of("\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}\n") == "NDJSON");
}

TEST_CASE("a lone object is a record if so told") {
    CHECK(format_of("{\"a\":1}\n", k_as_record) == "NDJSON");
    CHECK(format_of("{\n\"a\":1\n}\n", k_as_record) == "JSON objects");
    CHECK(read_all("{\n\"a\":1\n}\n", k_as_record).rows == "1: a=number 1\n");
}

TEST_CASE("a broken first line of NDJSON is a bad row, not another format") {
    CHECK(read_all("{\"a\":1\n{\"a\":2}\n{\"a\":3}\n").rows ==
          "1: BAD it does not end with the '}' of its '{'\n2: a=number 2\n3: a=number 3\n");
    CHECK(read_all("{\"a\":\"x\n{\"a\":\"y\"}\n").rows ==
          "1: BAD a string is not closed\n2: a=text y\n");
    CHECK(format_of("{\"a\":[1}\n{\"a\":2}\n") == "NDJSON");
    CHECK(format_of("{\"a\":1} x\n{\"a\":2}\n") == "NDJSON");
    CHECK(format_of("{\"a\":1},\n{\"a\":2}\n") == "NDJSON");
}

TEST_CASE("a first record of more than a MiB is NDJSON like any other") {
    const std::string text = "{\"a\":\"" + std::string(2'000'000, 'x') + "\"}";
    for (const ReaderOptions& options : {ReaderOptions{}, k_as_record}) {
        const DumpReading reading = read_all(text + "\n{\"a\":1}\n", options);
        CHECK(reading.format == "NDJSON");
        CHECK(reading.records == 2);
    }
    CHECK(format_of(text) == "JSON object");
    CHECK(format_of(text, k_as_record) == "NDJSON");
    CHECK(format_of("{\n\"a\":\n\"" + std::string(2'000'000, 'x') + "\"}\n{}", k_as_record) ==
          "JSON objects");
}

TEST_CASE("an object beyond the look-ahead is taken for keys and values") {
    const std::string text = "{\"a\":\"" + std::string(5'000'000, 'x') + "\"}";
    CHECK(format_of(text) == "JSON object");
    CHECK(read_all(text + "\n{\"a\":1}\n").error ==
          "in:2: more text after the closing '}' (byte 5000009 of the input)");
    CHECK(read_as(DumpFormat::ndjson, text + "\n{\"a\":1}\n").error.empty());
    CHECK(read_all(text + "\n{\"a\":1}\n", k_as_record).records == 2);
}

TEST_CASE("CSV and TSV are told apart by the header") {
    CHECK(format_of("id,title\n1,a\n") == "CSV");
    CHECK(format_of("id\ttitle\n1\ta\n") == "TSV");
    CHECK(format_of("\"a\tb\tc\",d\n") == "CSV");
    CHECK(format_of("a,b\tc\td\te\n") == "TSV");
    CHECK(format_of("\xEF\xBB\xBFid,b\n") == "CSV");
    CHECK(read_all("\xEF\xBB\xBFid,b\n1,2\n").rows == "2: id=text 1, b=text 2\n");
}

TEST_CASE("the format that is said goes before what it looks like") {
    CHECK(read_as(DumpFormat::csv, "[a]\n1\n").rows == "2: [a]=text 1\n");
    CHECK(read_as(DumpFormat::tsv, "a,b\tc\n1\t2\n").rows == "2: a,b=text 1, c=text 2\n");
    CHECK(read_as(DumpFormat::ndjson, "{\"a\":1}\n").rows == "1: a=number 1\n");
    CHECK(read_as(DumpFormat::csv, "SET a\n1\n").rows == "2: SET a=text 1\n");
    CHECK(read_as(DumpFormat::json, "{\"a\":1}").format == "JSON object");
    CHECK(read_as(DumpFormat::json, "a,b\n").error ==
          "cannot read in: it is not a JSON array or object");
    CHECK(parse_dump_format("tsv") == DumpFormat::tsv);
    CHECK(parse_dump_format("sql") == DumpFormat::sql);
    CHECK(parse_dump_format("xml") == std::nullopt);
}

TEST_CASE("nothing is an error, not no keys") {
    CHECK(refusal("") == "cannot read in: it is empty / ");
    CHECK(refusal(" \n\r\n\t") == "cannot read in: it is empty / ");
    CHECK(refusal("\xEF\xBB\xBF") == "cannot read in: it is empty / ");
}

TEST_CASE("archives and compressed files are named, with the remedy") {
    CHECK(
        refusal("PGDMP\x01\x0e") ==
        "cannot read in: it is in pg_dump's custom format / pg_restore -f - in | cachectl warm -");
    CHECK(refusal("toc.dat\0"s + std::string(249, '\0') + "ustar") ==
          "cannot read in: it is a tar archive made by pg_dump / "
          "pg_restore -f - in | cachectl warm -");
    for (const std::string& version : {"\00000"s, "  \0"s}) {
        CHECK(refusal("a.json\0"s + std::string(250, '\0') + "ustar" + version) ==
              "cannot read in: it is a tar archive / tar -xOf in MEMBER | cachectl warm -");
    }
    // What is compressed once never comes here so.
    CHECK(refusal(gzipped("\x1f\x8b\x08")) ==
          "cannot read in: it is compressed with gzip, twice / zcat in | cachectl warm -");
    CHECK(refusal(gzipped("\x28\xb5\x2f\xfd")) ==
          "cannot read in: it is compressed with zstd, twice / zstdcat in | cachectl warm -");
    CHECK(refusal("\xfd\x37zXZ\0"s) ==
          "cannot read in: it is compressed with xz / xz -dc in | cachectl warm -");
    CHECK(refusal("BZh91AY&SY\x01\x02") ==
          "cannot read in: it is compressed with bzip2 / bzip2 -dc in | cachectl warm -");
    CHECK(refusal("\x04\x22\x4d\x18\x64") ==
          "cannot read in: it is compressed with lz4 / lz4 -dc in | cachectl warm -");
    CHECK(refusal("7z\xbc\xaf\x27\x1c") ==
          "cannot read in: it is a 7z archive / 7z x -so in | cachectl warm -");
    CHECK(
        refusal("PK\x03\x04") ==
        "cannot read in: it is a zip archive, or a spreadsheet / unzip -p in | cachectl warm -; a "
        "spreadsheet is to be saved as CSV");
    CHECK(refusal("PAR1\x15\x04") ==
          "cannot read in: it is a Parquet file / "
          "duckdb -csv -c \"select * from 'in'\" | cachectl warm -");
    CHECK(refusal("\xff\xfe{\0"s) ==
          "cannot read in: it is UTF-16, not UTF-8 / "
          "iconv -f UTF-16 -t UTF-8 in | cachectl warm -");
    CHECK(refusal("\xfe\xff\0{"s).starts_with("cannot read in: it is UTF-16"));
    CHECK(refusal("SQLite format 3\0"s).starts_with("cannot read in: it is an SQLite database"));
    CHECK(refusal("REDIS0011") == "cannot read in: it is a Redis RDB snapshot / ");
}

TEST_CASE("a text that begins with the letters of a mark is no archive") {
    CHECK(format_of("BZh9,b\n1,2\n") == "CSV");
    CHECK(format_of("PAR1,b\n1,2\n") == "CSV");
    CHECK(format_of("7z,b\n1,2\n") == "CSV");
}

TEST_CASE("a text in which the letters of a tar archive's mark stand is no archive") {
    const std::string head = "id,note\n1," + std::string(240, 'x') + "\n2,g";
    CHECK(head.size() < 257);
    const DumpReading reading = read_all(head + std::string(257 - head.size(), 'g') + "ustar, o\n");
    CHECK(reading.error == "");
    CHECK(reading.format == "CSV");
}

TEST_CASE("SQL is recognised with its dialect, and not taken for CSV") {
    CHECK(format_of("--\n-- PostgreSQL database cluster dump\n"
                    "-- PostgreSQL database cluster dump complete\n") == "PostgreSQL dump");
    CHECK(format_of("COPY public.t (id, v) FROM stdin;\n\\.\n") == "PostgreSQL dump");
    CHECK(format_of("\\restrict abc\n") == "PostgreSQL dump");
    CHECK(format_of("/*M!999999\\- enable the sandbox mode */\n") == "MySQL dump");
    CHECK(format_of("DROP TABLE IF EXISTS `t`;\n") == "MySQL dump");
    CHECK(format_of("SET statement_timeout = 0;\n") == "PostgreSQL dump");
    CHECK(format_of("PRAGMA foreign_keys=OFF;\n") == "SQLite dump");
    CHECK(
        refusal("SET ANSI_NULLS ON\nGO\n") ==
        "cannot read in: it is a script for SQL Server, and no dump of PostgreSQL, MySQL, MariaDB "
        "or SQLite / export its tables as CSV; what it has in plain INSERTs, --dialect generic "
        "reads");
    CHECK(refusal("CREATE TABLE T (A VARCHAR2(20 BYTE));\n")
              .starts_with("cannot read in: it is a script for Oracle"));
    for (const char* text : {"create table t (a int, b int);\n", "BEGIN;\nSET x = 1;\n",
                             "\n\n-- late\n", "START TRANSACTION;\n"}) {
        CAPTURE(text);
        CHECK(format_of(text) == "SQL script");
    }
    CHECK(read_as(DumpFormat::sql, "id,name\n1,x;\n").error ==
          "in:1: no statement begins with 'id' (byte 0 of the input)");
    CHECK(format_of("set,value\n1,2\n") == "CSV");
    CHECK(format_of("begin\tend\n1\t2\n") == "TSV");
    CHECK(format_of("copy,b\n1,2\n") == "CSV");
}

TEST_CASE("columns whose first one is named as a statement begins are CSV") {
    for (const std::string words :
         {"Start transaction", "Alter table", "Drop table", "Lock tables", "Create index",
          "Create table", "Delete from", "Truncate table", "Set names", "Insert into",
          "Replace into", "COMMENT ON", "Begin work"}) {
        CAPTURE(words);
        CHECK(format_of(words + ",End,note\n1,2,first; second\n3,4,ok;\n") == "CSV");
        CHECK(format_of(words + ",End,note\n") == "CSV");
        CHECK(format_of(words + "\tEnd\tnote\n1\t2\tfirst; second\n3\t4\tok;\n") == "TSV");
        CHECK(format_of(words + ";End;note\n1;2;a\n3;4;b\n") == "CSV with ';'");
    }
    CHECK(format_of("Commit;Author\n1;x\n2;y\n") == "CSV with ';'");
    for (const char* text :
         {"create table\tt (\n\ta int\n);\n", "create table\tt\n\t(a int);\n",
          "drop table\tt;\ndrop table\tu;\n", "begin; insert into t values\n(1);\n",
          "commit;\nset x = 1;\n", "begin;insert into t values (1);\nset x = 1; commit;\n",
          "drop table t, u;\nset x = 1, y = 2;\n"}) {
        CAPTURE(text);
        CHECK(format_of(text) == "SQL script");
    }
}

TEST_CASE("a file named as CSV or TSV is that if its first lines have the same columns") {
    const auto is_sql = [&](const char* name, const std::string& text) {
        const TextFile file(text);
        Source source(file.fd(), name);
        return open_reader(source, {})->has_tables();
    };
    const std::string columns = "Grant applied on day,amount\n1,2\n3,4\n";
    for (const char* name : {"a.csv", "A.TSV", "a.csv.gz", "a.tsv.zst"}) {
        CAPTURE(name);
        CHECK_FALSE(is_sql(name, columns));
        CHECK(is_sql(name,
                     "create table t (a int, b int);\ninsert into t values (1, 2);\n"
                     "insert into t values (1, 2);\n"));
        CHECK(is_sql(name, "insert into t values (1, 2);\ninsert into t values (3, 4);\n"));
    }
    CHECK(is_sql("a.txt", columns));
}

TEST_CASE("a table, a dialect or a name in *.sql mean SQL, but for JSON and HTML") {
    const std::string csv = "id,name\n1,x\n2,y\n";
    ReaderOptions table;
    table.sql.tables = {"t"};
    ReaderOptions dialect;
    dialect.sql.dialect = SqlDialect::mysql;
    for (const ReaderOptions& told : {table, dialect}) {
        const DumpReading reading = read_all(csv, told);
        CHECK(reading.error == "in:1: no statement begins with 'id' (byte 0 of the input)");
        CHECK(reading.hint ==
              "--table, --dialect and a name in *.sql mean SQL; if it is something else, say "
              "--format csv, tsv, json or ndjson");
        CHECK(read_all("[{\"id\":1}]", told).format == "JSON array");
        CHECK(read_all("<html>", told).error == "cannot read in: it looks like HTML or XML");
    }
    dialect.format = DumpFormat::csv;
    CHECK(read_all(csv, dialect).format == "CSV");
    const auto is_sql = [&](const char* name) {
        const TextFile file(csv);
        Source source(file.fd(), name);
        return open_reader(source, {})->has_tables();
    };
    for (const char* name : {"a.sql", "A.SQL", "a.sql.gz", "a.Sql.ZST", "a.sql.zstd"}) {
        CAPTURE(name);
        CHECK(is_sql(name));
    }
    for (const char* name : {"a.csv", "sql", ".sql.csv", "a.sql.bak"}) {
        CAPTURE(name);
        CHECK_FALSE(is_sql(name));
    }
}

TEST_CASE("what is no dump at all is not taken for CSV") {
    CHECK(read_all("<!DOCTYPE html>\n<html>").error == "cannot read in: it looks like HTML or XML");
    CHECK(read_all("\x7f"
                   "ELF\x02\x01\0\0\0"s)
              .error == "cannot read in: it is neither JSON nor CSV but binary data");
    for (const char* text : {"nothing; nobody\n", "foo();\nbar();\n", "+----+\n| id |\n"}) {
        CAPTURE(text);
        CHECK(read_all(text).error ==
              "cannot read in: it is neither JSON nor SQL, and no CSV: its first line has but one "
              "column");
    }
}

TEST_CASE("UTF-16 is told by its zeros, where it has no byte order mark") {
    const auto wide = [](const std::string& text, bool little) {
        std::string all;
        for (const char c : text) {
            all += little ? std::string{c, '\0'} : std::string{'\0', c};
        }
        return all;
    };
    for (const std::string text :
         {"-- MySQL dump 10.13\nINSERT INTO t VALUES (1);\n", "id,n\n1,x\n", "[{}]"}) {
        CHECK(refusal(wide(text, true)) ==
              "cannot read in: it is UTF-16 without a byte order mark, not UTF-8 / "
              "iconv -f UTF-16LE -t UTF-8 in | cachectl warm -");
        CHECK(refusal(wide(text, false)) ==
              "cannot read in: it is UTF-16 without a byte order mark, not UTF-8 / "
              "iconv -f UTF-16BE -t UTF-8 in | cachectl warm -");
    }
    CHECK(read_all(wide("SELECT 1;\n", true), {.format = DumpFormat::sql}).error.find("UTF-16") !=
          std::string::npos);
}
