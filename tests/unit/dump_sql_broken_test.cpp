// Dumps that are broken: what follows is never lost in silence.
#include <doctest/doctest.h>

#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

const std::string k_table = "CREATE TABLE t (a int, b text);\n";

DumpReading read(SqlDialect dialect, std::string_view text, std::vector<std::string> tables = {}) {
    return read_all(text, {.format = DumpFormat::sql,
                           .sql = {.tables = std::move(tables), .dialect = dialect}});
}

std::string mysql(std::string_view text) {
    const DumpReading reading = read(SqlDialect::mysql, k_table + std::string(text));
    return reading.rows + reading.error;
}

std::string postgres(std::string_view text) {
    const DumpReading reading = read(SqlDialect::postgres, k_table + std::string(text));
    return reading.rows + reading.error;
}

}  // namespace

TEST_CASE("what stands behind a row and does not belong there is told") {
    const std::string behind =
        " stands behind the row before, where ',' or ';' should be; what follows up to the end of "
        "the statement was not read\n";
    CHECK(mysql("INSERT INTO t VALUES (1,'a') (2,'b');\nINSERT INTO t VALUES (3,'c');\n") ==
          "2: a=number 1, b=text a\n2: BAD '('" + behind + "3: a=number 3, b=text c\n");
    CHECK(mysql("INSERT INTO t VALUES\n(1,'a')\n(2,'b'),\n(3,'c');\n") ==
          "3: a=number 1, b=text a\n4: BAD '('" + behind);
    CHECK(mysql("INSERT INTO t VALUES (1,'a')),(2,'b');\n") ==
          "2: a=number 1, b=text a\n2: BAD ')'" + behind);
    CHECK(mysql("INSERT INTO t VALUES (1,'a') nonsense;\n") ==
          "2: a=number 1, b=text a\n2: BAD 'nonsense'" + behind);
    CHECK(mysql("INSERT INTO t VALUES (1,'a')\nINSERT INTO t VALUES (2,'b');\n") ==
          "2: a=number 1, b=text a\n3: BAD 'INSERT'" + behind + "3: a=number 2, b=text b\n");
}

TEST_CASE("what SQL allows behind the rows is no fault") {
    const std::string two = "2: a=number 1, b=text a\n2: a=number 2, b=text b\n";
    CHECK(mysql("INSERT INTO t VALUES (1,'a'),(2,'b') ON DUPLICATE KEY UPDATE b=VALUES(b);") ==
          two);
    CHECK(mysql("INSERT INTO t VALUES (1,'a'),(2,'b') AS new ON DUPLICATE KEY UPDATE b=new.b;") ==
          two);
    CHECK(postgres("INSERT INTO t VALUES (1,'a'),(2,'b') ON CONFLICT (a) DO UPDATE SET b = 'x' "
                   "RETURNING a;") == two);
    CHECK(postgres("INSERT INTO t VALUES (1,'a'),(2,'b') RETURNING a \\gset\n") == two);
    CHECK(mysql("INSERT INTO t VALUES (1,'a'),(2,'b')\\g\n") == two);
}

TEST_CASE("no statement swallows the INSERT behind it") {
    const std::string insert = "INSERT INTO t VALUES (1,'a');\n";
    CHECK(mysql("UPDATE u SET a = 1\n" + insert) ==
          "in:3: a statement begins here before the one of line 2 has ended (byte 51 of the "
          "input)");
    CHECK(mysql("CREATE TABLE u (a int)\n" + insert).starts_with("in:3: a statement begins"));
    CHECK(mysql("ALTER TABLE t ADD c int\n" + insert).starts_with("in:3: a statement begins"));
    CHECK(postgres("SELECT 1\nCOPY t (a) FROM stdin;\n1\n\\.\n")
              .starts_with("in:3: a statement begins"));
    CHECK(mysql("(2,'b'),(3,'c');\n" + insert) ==
          "in:2: no statement begins with '(' (byte 32 of the input)");
    CHECK(mysql("<<<<<<< HEAD\n" + insert).starts_with("in:2: no statement begins with '<'"));
    CHECK(mysql("'b');\n" + insert).starts_with("in:2: no statement begins with ''b''"));
    CHECK(mysql("INSERT INTO t\n" + insert) ==
          "in:2: this INSERT cannot be understood (byte 32 of the input)");
    // Of a table that is not wanted, too.
    const DumpReading other = read(
        SqlDialect::mysql,
        k_table + "CREATE TABLE u (a int);\nINSERT INTO u VALUES (1)\n" + insert + insert, {"t"});
    CHECK(other.error.starts_with("in:4: a statement begins here"));
}

TEST_CASE("spaces that are none do not hide a statement") {
    const std::string insert = "INSERT INTO t VALUES (1,'a');\n";
    const std::string row = "2: a=number 1, b=text a\n";
    CHECK(mysql("\xef\xbb\xbf" + insert) == row);
    CHECK(mysql("\xef\xbb\xbf-- joined\n" + insert) == "3: a=number 1, b=text a\n");
    CHECK(mysql("\xc2\xa0" + insert).starts_with("in:2: no statement begins with"));
    CHECK(mysql("INSERT\xc2\xa0INTO t VALUES (1,'a');\n").starts_with("in:2: no statement begins"));
    const std::string glued = "INSERT INTO t\xc2\xa0VALUES (1,'a');\n";
    CHECK(mysql(glued) == "2: BAD its values come from nothing, not from VALUES\n");
    CHECK(read(SqlDialect::mysql, k_table + insert + glued, {"t"}).error ==
          "in:3: this INSERT has no VALUES (byte 62 of the input)");
}

TEST_CASE("what psql takes as the end of a statement is one") {
    const std::string rows = "3: a=number 1, b=text a\n";
    CHECK(postgres("SELECT 'CREATE DATABASE x' WHERE true\\gexec\nINSERT INTO t VALUES (1,'a');") ==
          rows);
    CHECK(postgres("SELECT 1 AS n \\gset p_\nINSERT INTO t VALUES (1,'a');") == rows);
    CHECK(postgres("SELECT 1 \\g (format=csv) out.csv\nINSERT INTO t VALUES (1,'a');") == rows);
    CHECK(postgres("SELECT 1 \\;\nINSERT INTO t VALUES (1,'a');") == rows);
    CHECK(postgres("\\echo it's\nINSERT INTO t VALUES (1,'a');") == rows);
}

TEST_CASE("SQL Server's statements end where the next one begins, with GO or without") {
    const DumpReading reading =
        read(SqlDialect::generic,
             "CREATE TABLE [t] ([a] int)\nINSERT [t] ([a]) VALUES (1)\n"
             "SET IDENTITY_INSERT [t] OFF\nINSERT INTO [t] VALUES (2)\nPRINT 'x'\nGO\n");
    CHECK(reading.rows == "2: a=number 1\n4: a=number 2\n");
    CHECK(reading.error == "");
}

TEST_CASE("what a tool says among the dump is passed over") {
    const std::string row = "4: a=number 1, b=text a\n";
    CHECK(mysql("mysqldump: Couldn't find table: \"log\"\n-- x\nINSERT INTO t VALUES (1,'a');\n") ==
          row);
    CHECK(mysql("Warning: it's insecure\n/usr/bin/mysqldump: Couldn't\n"
                "INSERT INTO t VALUES (1,'a');\n") == row);
    CHECK(postgres("pg_dump: warning: it's\npg_dump: hint: x\nINSERT INTO t VALUES (1,'a');\n") ==
          row);
}

TEST_CASE("a backslash in a dialect that is not known is told") {
    const std::string insert = "INSERT INTO t VALUES (1,'a\\nb'),(2,'c\\d');\n";
    const DumpReading unknown = read_all(k_table + insert);
    CHECK(unknown.rows == "2: a=number 1, b=text a\\nb\n2: a=number 2, b=text c\\d\n");
    CHECK(unknown.warning ==
          "in:2: a backslash in a string was kept as it is, for the SQL dialect was not "
          "recognised; say --dialect mysql if it escapes, or --dialect postgres or sqlite");
    CHECK(read(SqlDialect::postgres, k_table + insert).warning == "");
    CHECK(read_all("CREATE TABLE t (a int, b text) ENGINE=x;\n" + insert).warning == "");
    CHECK(read_all(k_table + "INSERT INTO t VALUES (1,'a');\n").warning == "");
    const DumpReading open = read_all(k_table + "INSERT INTO t VALUES (1,'it\\'s');\n");
    CHECK(open.error.starts_with("in:2: the string that begins here has no end"));
    CHECK(open.hint.find("--dialect mysql") != std::string::npos);
}

TEST_CASE("a dump without its last line names the line, for a file that was edited") {
    const std::pair<const char*, const char*> k_dumps[] = {
        {"-- PostgreSQL database dump\nSELECT 1;\n", "-- PostgreSQL database dump complete"},
        {"-- MySQL dump 10.13\nSELECT 1;\n", "-- Dump completed"},
        {"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nSELECT 1;\n", "COMMIT;"}};
    for (const auto& [start, end] : k_dumps) {
        const std::string text = start;
        CAPTURE(text);
        const DumpReading cut = read_all(text);
        CHECK(cut.error.find("the line with which such a dump ends is missing") !=
              std::string::npos);
        CHECK(cut.hint ==
              std::string("if the file is whole and was edited, end it with the line \"") + end +
                  '"');
        CHECK(read_all(text + end + "\n").error == "");
    }
}
