// What a dump holds that is not followed, though rows may come or go by it: each is told.
#include <doctest/doctest.h>

#include "dump/sql/client_command.hpp"
#include "dump/sql/preamble.hpp"
#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

const std::string k_rows = "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n";

/// The doubt of a dump that has `text` behind its rows, which are in its lines 1 and 2.
std::string doubt(SqlDialect dialect, std::string_view text) {
    const TextFile file(k_rows + std::string(text));
    Source source(file.fd(), "in");
    SqlReader reader(source, {.format = DumpFormat::sql, .sql = {.dialect = dialect}});
    while (reader.next() != Next::end) {
    }
    const std::string doubt = reader.doubt();
    const auto warnings = reader.warnings();
    CHECK(warnings == (doubt.empty() ? std::vector<std::string>() : std::vector{doubt}));
    return doubt;
}

std::string not_followed(const std::string& what) {
    return "in:3: " + what + " is not followed, whatever rows it may add or change";
}

}  // namespace

TEST_CASE("commands for the client of each database") {
    const auto psql = [](std::string_view text) { return doubt(SqlDialect::postgres, text); };
    CHECK(psql("SELECT 'INSERT INTO t VALUES (2)' \\gexec\n") == not_followed("\\gexec"));
    CHECK(psql("SELECT 2 AS x \\gset\n") == not_followed("\\gset"));
    for (const std::string command :
         {"\\i", "\\ir", "\\include", "\\include_relative", "\\copy", "\\!", "\\q"}) {
        CHECK(psql(command + " t x\n") == not_followed(command));
    }
    CHECK(psql("\\echo 'C:\\i' \\i more.sql\n") == not_followed("\\i"));
    CHECK(psql("\\echo 'C:\\i'\n\\set x 1\n\\restrict abc\nSELECT 1 \\g\nSELECT 1;\n") == "");
    CHECK(
        psql("\\if :x\nINSERT INTO t VALUES (2);\n\\else\nINSERT INTO t VALUES (3);\n\\endif\n") ==
        "in:3: \\if is not followed: the rows of all its branches are read");
    const auto mysql = [](std::string_view text) { return doubt(SqlDialect::mysql, text); };
    CHECK(mysql("\\. more.sql\n") == not_followed("\\."));
    CHECK(mysql("\\! sh\n") == not_followed("\\!"));
    CHECK(mysql("source more.sql\nINSERT INTO t VALUES (2);\n") == not_followed("source"));
    CHECK(mysql("\\W\nSELECT 1\\G\n") == "");
    const auto sqlite = [](std::string_view text) { return doubt(SqlDialect::sqlite, text); };
    CHECK(sqlite(".read more.sql\n") == not_followed(".read"));
    CHECK(sqlite(".import x.csv t\n") == not_followed(".import"));
    CHECK(sqlite(".restore x.db\n") == not_followed(".restore"));
    CHECK(sqlite(".mode csv\n.headers on\n") == "");
    const auto generic = [](std::string_view text) { return doubt(SqlDialect::generic, text); };
    CHECK(generic(":r more.sql\n") == not_followed(":r"));
    CHECK(generic("@more.sql\n") == not_followed("@more.sql"));
    CHECK(generic(":setvar x 1\n") == "");
}

TEST_CASE("statements that bring rows from elsewhere") {
    for (const std::string text :
         {"LOAD DATA INFILE 'x' INTO TABLE t;", "IMPORT TABLE FROM 'x.sdi';", "BINLOG 'abc=';"}) {
        CHECK(doubt(SqlDialect::mysql, text) == not_followed(text.substr(0, text.find(' '))));
    }
    for (const std::string clause : {"EXCHANGE PARTITION p WITH TABLE u", "IMPORT TABLESPACE",
                                     "CONVERT TABLE u TO PARTITION p", "TRUNCATE PARTITION p"}) {
        const std::string what = clause.substr(0, clause.find(' ', clause.find(' ') + 1));
        CHECK(doubt(SqlDialect::mysql, "ALTER TABLE t " + clause + ";\n") == not_followed(what));
    }
    CHECK(doubt(SqlDialect::mysql, "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4;\n") == "");
    CHECK(doubt(SqlDialect::postgres, "UPSERT INTO t VALUES (2);\n") == not_followed("UPSERT"));
    CHECK(doubt(SqlDialect::postgres, "CREATE TABLE u AS SELECT 1;\n") ==
          not_followed("CREATE TABLE … AS"));
    CHECK(doubt(SqlDialect::mysql, "CREATE TABLE u (id int) ENGINE=x SELECT 1;\n") ==
          not_followed("CREATE TABLE … AS"));
    CHECK(doubt(SqlDialect::postgres, "CREATE TABLE u AS (SELECT 1) WITH NO DATA;\n") == "");
    CHECK(doubt(SqlDialect::postgres,
                "CREATE TABLE u (id int GENERATED ALWAYS AS (1) STORED);\n") == "");
    CHECK(doubt(SqlDialect::mysql, "CHANGE MASTER TO MASTER_LOG_POS=4;\nDESCRIBE t;\n") == "");
}

TEST_CASE("DO evaluates in MySQL, and runs code in PostgreSQL") {
    for (const std::string harmless :
         {"DO SETVAL(`s`, 1, 0);", "DO GET_LOCK('x', 1), release_lock('x');", "DO SLEEP(0);",
          "DO @a := 1;", "DO (SELECT COUNT(*) FROM t WHERE id IN (1));"}) {
        CHECK(doubt(SqlDialect::mysql, harmless) == "");
    }
    CHECK(doubt(SqlDialect::mysql, "DO fill(1);") == not_followed("DO"));
    CHECK(doubt(SqlDialect::mysql, "DO SLEEP(`fill`());") == not_followed("DO"));
    CHECK(doubt(SqlDialect::mysql, "DO app.sleep(1);") == not_followed("DO"));
    CHECK(doubt(SqlDialect::postgres, "DO $$ BEGIN END $$;") == not_followed("DO"));
}

TEST_CASE("errors of the program that wrote the dump") {
    const auto says = [](const std::string& line) {
        return "in:3: rows may be missing where the program that wrote it says: " + line;
    };
    for (const std::string line :
         {"mysqldump: Error 1194: Table 't' is marked as crashed when dumping table `t` at row: 1",
          "mysqldump: Error 2013: Lost connection to server during query when dumping table `t`",
          "mysqldump: Got error: 1146: \"Table 'u' doesn't exist\" when using LOCK TABLES",
          "mariadb-dump: Couldn't execute 'SHOW FIELDS FROM `v`': View 'v' references (1356)"}) {
        CHECK(doubt(SqlDialect::mysql, line + "\nINSERT INTO t VALUES (2);\n") == says(line));
    }
    for (const std::string line :
         {"pg_dump: error: query failed: ERROR:  permission denied for table u",
          "pg_restore: error: could not read from input file: end of file",
          "/usr/lib/postgresql/9.6/bin/pg_dump: Dumping the contents of table \"u\" failed"}) {
        CHECK(doubt(SqlDialect::postgres, line + "\nSELECT 1;\n")
                  .starts_with("in:3: rows may be missing where the program that wrote it says: "));
    }
    for (const std::string line :
         {"mysqldump: [Warning] Using a password on the command line interface can be insecure.",
          "Warning: A partial dump from a server that has GTIDs",
          "mysqldump: Deprecated program name. It will be removed in a future release",
          "mysqldump: Error: 'Access denied; you need PROCESS' when trying to dump tablespaces",
          "pg_dump: dumping contents of table \"public.t\"",
          "pg_dump: warning: there are circular foreign-key constraints on this table:"}) {
        CAPTURE(line);
        CHECK(is_tool_message(line));
        CHECK(doubt(SqlDialect::mysql, line + "\nSELECT 1;\n") == "");
    }
}

TEST_CASE("transactions that are rolled back, or end nowhere") {
    const std::string row = "INSERT INTO t VALUES (2);\n";
    const auto rolled_back = [](int line) {
        return fmt::format(
            "in:{}: ROLLBACK comes after rows, which a database would not have and which were read",
            line);
    };
    for (const auto dialect : {SqlDialect::postgres, SqlDialect::mysql, SqlDialect::generic}) {
        CHECK(doubt(dialect, "BEGIN;\n" + row + "ROLLBACK;\n") == rolled_back(5));
        CHECK(doubt(dialect, "START TRANSACTION;\n" + row + "ROLLBACK;\nCOMMIT;\n") ==
              rolled_back(5));
        CHECK(doubt(dialect, "BEGIN;\nSAVEPOINT a;\n" + row +
                                 "ROLLBACK TO SAVEPOINT a;\nCOMMIT;") == rolled_back(6));
        CHECK(doubt(dialect, "BEGIN;\n" + row + "COMMIT;\nBEGIN;\nROLLBACK;\n") == "");
        CHECK(doubt(dialect, "BEGIN;\n" + row) ==
              "in:3: nothing ends the transaction that begins here, so that a database would not "
              "have its rows: was the dump cut?");
        CHECK(doubt(dialect, "BEGIN;\n" + row + "END;\n") == "");
    }
    CHECK(doubt(SqlDialect::mysql, "XA START 'x';\n" + row + "XA END 'x';\nXA ROLLBACK 'x';\n") ==
          rolled_back(6));
    CHECK(doubt(SqlDialect::sqlite, "BEGIN;\n" + row + "ROLLBACK;\nBEGIN;\nCOMMIT;\n") ==
          rolled_back(5));
    CHECK(doubt(SqlDialect::generic, "BEGIN TRY\nINSERT INTO t VALUES (2)\nEND TRY\nGO\n") == "");
}
