// What stands in a dump beside its rows.
#include "dump/sql/script.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

std::string rows(SqlDialect dialect, std::string_view text) {
    return read_all(text, {.format = DumpFormat::sql, .sql = {.dialect = dialect}}).rows;
}

std::string postgres(std::string_view text) { return rows(SqlDialect::postgres, text); }
std::string mysql(std::string_view text) { return rows(SqlDialect::mysql, text); }
std::string sqlite(std::string_view text) { return rows(SqlDialect::sqlite, text); }
std::string generic(std::string_view text) { return rows(SqlDialect::generic, text); }

}  // namespace

TEST_CASE("what holds no rows is skipped, whatever is in it") {
    CHECK(
        postgres(
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $_$ INSERT INTO t VALUES (1); $_$;\n"
            "CREATE PROCEDURE p() LANGUAGE sql\n BEGIN ATOMIC\n  INSERT INTO t VALUES (2);\n"
            "  SELECT CASE WHEN a THEN 1 ELSE 2 END;\n END;\n"
            "CREATE VIEW v AS SELECT 'INSERT INTO t VALUES (3);' AS x;\n"
            "\\connect other\nDO $$ BEGIN INSERT INTO t VALUES (4); END $$;\n"
            "CREATE TABLE t (a int);\nINSERT INTO t VALUES (5);\n") == "11: a=number 5\n");
    CHECK(
        mysql("CREATE TABLE t (a int);\nDELIMITER ;;\n"
              "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER x BEFORE INSERT ON t "
              "FOR EACH ROW BEGIN INSERT INTO t VALUES (1); SET @a = ';;'; END */;;\n"
              "CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (2); END ;;\nDELIMITER ;\n"
              "INSERT INTO t VALUES (3);\n") == "6: a=number 3\n");
    CHECK(sqlite("CREATE TABLE t(a);\nCREATE TRIGGER x AFTER INSERT ON t BEGIN\n"
                 " INSERT INTO t VALUES(1);\n SELECT CASE WHEN 1 THEN 2 END; END;\n"
                 "INSERT INTO t VALUES(2);\n") == "5: a=number 2\n");
}

TEST_CASE("the statements of a rule of PostgreSQL are skipped") {
    CHECK(postgres("CREATE TABLE t (a int);\n"
                   "CREATE RULE r AS ON DELETE TO t DO ALSO ( INSERT INTO t VALUES (1);\n"
                   " INSERT INTO t VALUES (2);\n);\n"
                   "CREATE OR REPLACE RULE s AS ON UPDATE TO t DO INSTEAD NOTHING;\n"
                   "INSERT INTO t VALUES (3);\n") == "6: a=number 3\n");
}

TEST_CASE("SQL Server's scripts: GO, [names], N'…', no semicolons") {
    CHECK(
        generic("SET ANSI_NULLS ON\nGO\nCREATE TABLE [dbo].[a b](\n\t[Id] [int] NOT NULL,\n"
                "\t[N] [nvarchar](50) NULL,\n\t[B] [bit]\n) ON [PRIMARY]\nGO\n"
                "SET IDENTITY_INSERT [dbo].[a b] ON\n\n"
                "INSERT [dbo].[a b] ([Id], [N], [B]) VALUES (1, N'x''y', 1)\n"
                "INSERT [dbo].[a b] ([Id], [N], [B]) VALUES (2, NULL, 0)\nGO\n") ==
        "11: Id=number 1, N=text x'y, B=boolean true\n12: Id=number 2, N=null, B=boolean false\n");
}
