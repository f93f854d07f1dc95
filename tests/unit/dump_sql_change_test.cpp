// What a dump does to tables that it has described or filled: other names, other columns, and a
// start from the beginning.
#include <doctest/doctest.h>

#include "dump/sql/reader.hpp"
#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

DumpReading read(SqlDialect dialect, std::string_view text, std::vector<std::string> tables = {}) {
    return read_all(text, {.format = DumpFormat::sql,
                           .sql = {.tables = std::move(tables), .dialect = dialect}});
}
DumpReading postgres(std::string_view text, std::vector<std::string> tables = {}) {
    return read(SqlDialect::postgres, text, std::move(tables));
}
DumpReading mysql(std::string_view text, std::vector<std::string> tables = {}) {
    return read(SqlDialect::mysql, text, std::move(tables));
}

/// "t 2, u 0": tables and rows, as they are at the end.
std::string listed(SqlDialect dialect, std::string_view text) {
    const TextFile file(text);
    Source source(file.fd(), "in");
    std::string all;
    for (const SqlTable& table :
         list_tables(source, {.format = DumpFormat::sql, .sql = {.dialect = dialect}}).tables) {
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", table.full_name(), table.rows);
    }
    return all;
}

const std::string k_table = "CREATE TABLE t (id int, n text);\n";
const std::string k_row = "INSERT INTO t VALUES (1, 'a');\n";

}  // namespace

TEST_CASE("a search path of several schemas means the first one that has the table") {
    const std::string tables =
        "CREATE SCHEMA app; CREATE TABLE app.a (id int, ok boolean);\n"
        "CREATE TABLE public.b (id int, ok boolean);\n";
    const std::string rows = "INSERT INTO a VALUES (1, 't'); INSERT INTO b VALUES (2, 'f');\n";
    const std::string expected =
        "4: id=number 1, ok=boolean true\n4: id=number 2, ok=boolean false\n";
    for (const char* path :
         {"search_path = app, public", "search_path TO app, public, pg_catalog",
          "search_path = \"$user\", app, public", "LOCAL search_path = app,public"}) {
        CAPTURE(path);
        CHECK(postgres(tables + "SET " + path + ";\n" + rows).rows == expected);
        CHECK(postgres(tables + "SET " + path + ";\n" + rows, {"app.a", "public.b"}).rows ==
              expected);
    }
    // What is created goes into the first, and without a path it is public.
    CHECK(postgres("SET search_path = app, public;\n" + k_table +
                       "\nINSERT INTO app.t VALUES (1, 'a');\n",
                   {"app.t"})
              .rows == "4: id=number 1, n=text a\n");
    CHECK(postgres(k_table + "SET search_path = \"$user\", public;\n" + k_row, {"t"}).rows ==
          "3: id=number 1, n=text a\n");
    CHECK(postgres(k_table + "INSERT INTO public.t VALUES (1, 'a');\n").rows ==
          "2: id=number 1, n=text a\n");
    CHECK(
        postgres("CREATE TABLE other.t (x int); CREATE TABLE public.t (id int, n text);\n" + k_row,
                 {"public.t"})
            .rows == "2: id=number 1, n=text a\n");
    CHECK(
        postgres("CREATE TABLE alice.t (id int, n text);\nSET search_path = \"$user\", public;\n" +
                 k_row)
            .rows == "3: id=number 1, n=text a\n");
}

TEST_CASE("tables and columns that are renamed before their rows come") {
    const std::string row = "INSERT INTO u VALUES (1, 'a');\n";
    const std::string expected = "3: id=number 1, n=text a\n";
    CHECK(postgres(k_table + "ALTER TABLE t RENAME TO u;\n" + row, {"u"}).rows == expected);
    CHECK(postgres(k_table + "ALTER TABLE t RENAME n TO name;\n" + k_row).rows ==
          "3: id=number 1, name=text a\n");
    CHECK(postgres(k_table + "ALTER TABLE t RENAME CONSTRAINT n TO name;\n" + k_row).rows ==
          expected);
    CHECK(postgres(k_table + "ALTER TABLE t SET SCHEMA s;\nINSERT INTO s.t VALUES (1, 'a');\n",
                   {"s.t"})
              .rows == expected);
    for (const char* how :
         {"ALTER TABLE t RENAME u", "ALTER TABLE t RENAME AS u", "ALTER TABLE `t` RENAME = `u`",
          "RENAME TABLE t TO u", "RENAME TABLE x TO y, t TO v, v TO u", "CREATE TABLE u LIKE t",
          "CREATE TABLE IF NOT EXISTS u (LIKE t)"}) {
        CAPTURE(how);
        CHECK(mysql(k_table + how + ";\n" + row, {"u"}).rows == expected);
    }
    CHECK(mysql("USE a;\n" + k_table + "RENAME TABLE t TO b.t; INSERT INTO b.t VALUES (1, 'a');\n",
                {"b.t"})
              .rows == expected);
    CHECK(mysql(k_table + "ALTER TABLE t DROP n, RENAME INDEX i TO j, DROP INDEX j;\n"
                          "INSERT INTO t VALUES (1);\n")
              .rows == "3: id=number 1\n");
    CHECK(postgres("CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a) STORED);\n"
                   "CREATE TABLE h (x int, LIKE g, y int); CREATE TABLE i (LIKE g INCLUDING ALL);\n"
                   "COPY h FROM stdin;\n1\t2\t3\t4\n\\.\nCOPY i FROM stdin;\n5\n\\.\n",
                   {"h", "i"})
              .rows == "4: x=number 1, a=number 2, b=number 3, y=number 4\n7: a=number 5\n");
}

TEST_CASE("a new name that makes other rows the wanted ones is an error") {
    const std::string swap =
        k_table + k_row +
        "CREATE TABLE t_new (id int, n text);\n"
        "INSERT INTO t_new VALUES (1, 'b');\nRENAME TABLE t TO t_old, t_new TO t;\n";
    const DumpReading reading = mysql(swap, {"t"});
    CHECK(reading.rows == "2: id=number 1, n=text a\n");
    CHECK(reading.error.starts_with(
        "in:5: RENAME TABLE gives t another name, t_old, and rows of it came before"));
    CHECK(mysql(swap, {"t_old"})
              .error.starts_with(
                  "in:5: RENAME TABLE gives t another name, t_old, and rows of it came before"));
    CHECK(mysql(swap, {"t", "t_old"})
              .error.starts_with(
                  "in:5: RENAME TABLE gives t_new another name, t, and rows of it came before"));
    CHECK(mysql(k_table + k_row + "RENAME TABLE t TO u;\n").error == "");
    CHECK(listed(SqlDialect::mysql, swap) == "t_old 1, t 1");
}

TEST_CASE("a table that starts again after rows of it were read is an error with the remedy") {
    for (const char* again :
         {"DROP TABLE t", "DROP TABLE IF EXISTS `x`, `t` CASCADE", "TRUNCATE TABLE t", "TRUNCATE t",
          "DELETE FROM t", "DROP TABLE IF EXISTS t;\nCREATE TABLE t (a int)"}) {
        CAPTURE(again);
        const std::string first = k_table + again + ";\n";
        const DumpReading nothing = mysql(first);
        CHECK(nothing.error == "");
        const DumpReading reading = mysql(k_table + k_row + again + ";\n" + k_table + k_row);
        CHECK(reading.rows == "2: id=number 1, n=text a\n");
        CHECK(reading.error.starts_with("in:3: "));
        CHECK(reading.error.find(" takes away the rows of t, of which 1 had been read") !=
              std::string::npos);
        CHECK_FALSE(reading.hint.empty());
    }
    CHECK(mysql(k_table + k_row + "CREATE OR REPLACE TABLE t (a int);\n")
              .error.starts_with("in:3: CREATE OR REPLACE TABLE takes away the rows of t"));
    CHECK(mysql("USE db;\n" + k_table + k_row + "DROP DATABASE `db`;\n")
              .error.starts_with("in:4: DROP of db takes away the rows of db.t"));
    CHECK(postgres(
              "CREATE TABLE s.t (id int);\nINSERT INTO s.t VALUES (1);\nDROP SCHEMA s CASCADE;\n")
              .error.starts_with("in:3: DROP of s takes away the rows of s.t"));
    CHECK(
        mysql(k_table + k_row + "DROP TABLE t;\n").hint ==
        "if what comes before is out of date, leave it out: tail -n +3 FILE | cachectl warm -; if "
        "both count, take out this statement");
    // Of a table that is not wanted nothing was read.
    CHECK(mysql(k_table + k_row +
                    "CREATE TABLE u (id int); DROP TABLE t;\nINSERT INTO u VALUES (1);\n",
                {"u"})
              .rows == "4: id=number 1\n");
    CHECK(postgres(
              "CREATE TABLE p (d date) PARTITION BY RANGE (d);\n"
              "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');\n"
              "COPY p1 FROM stdin;\n2020-02-02\n\\.\nTRUNCATE TABLE p, q;\n",
              {"p"})
              .error.starts_with("in:6: TRUNCATE takes away the rows of p1"));
    CHECK(listed(SqlDialect::mysql, k_table + k_row +
                                        "TRUNCATE t;\nINSERT INTO t VALUES (1,2),(3,4);\n"
                                        "CREATE TABLE v (a int); DROP TABLE v;\n") == "t 2");
}

TEST_CASE(
    "a table that is dropped and made again has its new columns, and IF NOT EXISTS the old ones") {
    CHECK(mysql(k_table + "DROP TABLE t; CREATE TABLE t (a text, b int);\n" + k_row).rows ==
          "3: a=text 1, b=text a\n");
    CHECK(mysql(k_table + "CREATE TABLE IF NOT EXISTS t (a text, b int);\n" + k_row, {"t"}).rows ==
          "3: id=number 1, n=text a\n");
    CHECK(mysql(k_table + "DROP TABLE t;\n", {"t"}).error == "in has no table 't'");
}

TEST_CASE("rows that are changed after they were read are told") {
    const auto warning = [](const std::string& statement, std::vector<std::string> tables = {}) {
        return mysql(k_table + k_row + statement + ";\n", std::move(tables)).warning;
    };
    CHECK(warning("UPDATE t SET n = 'b' WHERE id = 1") ==
          "in:3: UPDATE of t comes after rows of it, which stay as they were read");
    CHECK(
        warning(
            "DELETE FROM t WHERE id = 1;\nUPDATE t, u SET n = 'b';\nUPDATE IGNORE t SET n = ''") ==
        "in:3: DELETE of t comes after rows of it, which stay as they were read; so do 2 more such "
        "statements");
    CHECK(warning("ALTER TABLE t ADD COLUMN x int DEFAULT 7") ==
          "in:3: ALTER TABLE of t comes after rows of it, which stay as they were read");
    CHECK(warning("ALTER TABLE t ADD PRIMARY KEY (id), MODIFY id int NOT NULL AUTO_INCREMENT") ==
          "");
    CHECK(warning("CREATE TABLE u (id int); UPDATE u SET id = 1; DELETE FROM other WHERE a") == "");
    CHECK(warning("CREATE TABLE u (id int); UPDATE t SET n = 'b'", {"u"}) == "");
    // One that is long is not kept, and one that holds what looks like another is only one.
    CHECK(warning("UPDATE t SET n = '" + std::string(200'000, 'x') + "; DROP TABLE t;', id = 2")
              .starts_with("in:3: UPDATE of t"));
}

TEST_CASE("a table leaves its parent, or joins it") {
    const std::string two =
        "CREATE TABLE p (id int, n text);\nCREATE TABLE c (x int) INHERITS (p);\n";
    const std::string row = "INSERT INTO c (id) VALUES (2);\n";
    const std::string inherits = two + "ALTER TABLE c NO INHERIT p;\n" + row;
    CHECK(postgres(inherits, {"p"}).rows == "");
    CHECK(postgres(two + row + "ALTER TABLE c NO INHERIT p;\n", {"p"}).warning ==
          "in:4: ALTER TABLE of c comes after rows of it, which stay as they were read");
    const std::string parts = "CREATE TABLE p (id int);\nCREATE TABLE c PARTITION OF p DEFAULT;\n";
    CHECK(postgres(parts + "ALTER TABLE p DETACH PARTITION c;\n" + row, {"p"}).rows == "");
    const std::string apart = "CREATE TABLE p (id int);\nCREATE TABLE c (id int);\n";
    for (const char* joins :
         {"ALTER TABLE c INHERIT p;\n", "ALTER TABLE ONLY p ATTACH PARTITION c DEFAULT;\n"}) {
        CAPTURE(joins);
        CHECK(postgres(apart + joins + row, {"p"}).rows == "4: id=number 2\n");
        CHECK(postgres(apart + row + joins, {"c"}).rows == "3: id=number 2\n");
        const DumpReading late = postgres(apart + row + joins, {"p"});
        CHECK(late.error.find("in:4: ALTER TABLE makes rows of c those of a table that is wanted, "
                              "and they came before") == 0);
        CHECK(late.hint == "move that statement before the rows");
    }
}

TEST_CASE("what empties or alters a table does so to its heirs, unless it is ONLY that table") {
    const std::string two =
        "CREATE TABLE p (id int, n text);\nCREATE TABLE c (x int) INHERITS (p);\n";
    const std::string row = "INSERT INTO c VALUES (2, 'a', 3);\n";
    CHECK(postgres(two + row + "TRUNCATE p;\n", {"p"}).error.find("in:4: TRUNCATE takes") == 0);
    CHECK(postgres(two + row + "TRUNCATE ONLY p;\n", {"p"}).error == "");
    CHECK(postgres(two + "ALTER TABLE p RENAME n TO name;\nALTER TABLE p ADD ok boolean;\n" +
                       "INSERT INTO c VALUES (2, 'a', 3, 't');\n",
                   {"c"})
              .rows == "5: id=number 2, name=text a, x=number 3, ok=boolean true\n");
    CHECK(postgres(two + "ALTER TABLE ONLY p ADD ok boolean;\n" + row, {"c"}).rows ==
          "4: id=number 2, n=text a, x=number 3\n");
}

TEST_CASE("a parent that is defined nowhere") {
    const std::string child = "CREATE TABLE c (id int) INHERITS (s.p);\n";
    CHECK(postgres(child + "INSERT INTO c VALUES (1);\n", {"c"}).rows == "2: id=number 1\n");
    const DumpReading asked = postgres(child + "INSERT INTO c VALUES (1);\n", {"p"});
    CHECK(asked.error.find("in:2: the rows of c are rows of s.p, whose columns are not known") ==
          0);
    const DumpReading none = postgres(child, {"p"});
    CHECK(none.error == "in has no table 'p'");
    CHECK(none.hint == "its tables: c");
    CHECK(listed(SqlDialect::postgres, child) == "c 0");
}
