#include "dump/sql/look.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/dump_input.hpp"

using namespace cachectl;

TEST_CASE("a statement is one by what follows its first word") {
    for (const char* text : {"CREATE TABLE t (a int);",
                             "create or replace view v as select 1;",
                             "SET\tNAMES utf8;",
                             "SET search_path = public;",
                             "set foreign_key_checks=0;",
                             "BEGIN\nTRANSACTION;",
                             "BEGIN;",
                             "begin transaction;",
                             "GRANT ALL ON SCHEMA public TO public;",
                             "USE `db`;",
                             "use db;",
                             "DELIMITER ;;\n",
                             "DELIMITER $$\n",
                             "SELECT pg_catalog.set_config('a', '', false);",
                             "PRAGMA foreign_keys=OFF;",
                             "INSERT INTO t VALUES (1);",
                             "COPY t (a) FROM stdin;",
                             "DO $$ BEGIN END $$;",
                             "INSERT [dbo].[t] VALUES (1)",
                             "SET ANSI_NULLS ON\nGO\n",
                             "\\set ON_ERROR_STOP on\n",
                             "\\restrict abc\n",
                             "/*!40101 SET NAMES utf8 */;\n",
                             "# Dump of table t\nINSERT INTO `t` VALUES (1);\n",
                             "# **\n\n# x\nCREATE TABLE t (a int);",
                             "-- x\n/* y */\nDROP TABLE t;\n"}) {
        CAPTURE(std::string(text));
        CHECK(look_for_sql(text) == SqlLook::yes);
    }
}

TEST_CASE("the header of a CSV may begin with a word or a comment of SQL") {
    for (const char* header :
         {"Set ID",      "Update time", "Use case",    "With tax",   "Lock ID",
          "Drop point",  "Create date", "Delete flag", "Begin date", "Commit hash",
          "Insert no",   "Copy no",     "Select one",  "Alter ego",  "Replace by",
          "Truncate at", "Start Date",  "Grant",       "set",        "-- none --"}) {
        CAPTURE(std::string(header));
        const DumpReading reading = read_all(std::string(header) + ",n\nx,1;\n");
        CHECK(reading.format == "CSV");
        CHECK(reading.rows == "2: " + std::string(header) + "=text x, n=text 1;\n");
    }
}

TEST_CASE("comments may be longer than one read, and a CSV is not waited for") {
    std::string text;
    for (int i = 0; i < 200; ++i) {
        text += "# Dump, of table\n";
    }
    text += "CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\n";
    CHECK(read_all(text, {}, 16).rows == "202: a=number 1\n");
    CHECK(read_all("#id,b\n1,2\n").rows == "2: #id=text 1, b=text 2\n");
}

TEST_CASE("comments alone are SQL, and what is behind them is tried as SQL") {
    CHECK(look_for_sql("--\n-- PostgreSQL database dump complete\n") == SqlLook::comments);
    CHECK(read_all("-- a, b\n-- nothing\n").format == "SQL script");
    CHECK(read_all("/* a, b */\n").format == "SQL script");
}

TEST_CASE("what a tool said before its dump is passed over, before a CSV it is refused") {
    const DumpReading dump = read_all(
        "mysqldump: [Warning] Using a password can be insecure.\n"
        "-- MySQL dump 10.13\nCREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\n"
        "-- Dump completed\n");
    CHECK(dump.rows == "4: a=number 1\n");
    CHECK(dump.format == "MySQL dump");
    const DumpReading csv = read_all("Warning: it's insecure, is it\nid,b\n1,2\n");
    CHECK(csv.error == "cannot read in: it begins with a message of the program that wrote it");
    CHECK(csv.hint.find("2>") != std::string::npos);
    CHECK(read_all("mysqldump: Got error: 1045: Access denied\n").error == csv.error);
}

TEST_CASE("text without columns is no CSV unless that is said") {
    for (const char* text :
         {"+----+------+\n| id | n    |\n+----+------+\n", "- id: 1\n  n: a\n", "n\na\n(1 row)\n",
          "ERROR 1045 (28000): Access denied for user\n", "id\n1\n", "PAR1\x15\x04\n"}) {
        CAPTURE(std::string(text));
        const DumpReading reading = read_all(text);
        CHECK(reading.rows == "");
        CHECK(reading.error.starts_with("cannot read in: "));
    }
    CHECK(read_all("id\n1\n").hint.find("--format csv") != std::string::npos);
    CHECK(read_as(DumpFormat::csv, "id\n1\n").rows == "2: id=text 1\n");
}

TEST_CASE("a table or a dialect that is asked for means SQL") {
    const std::string odd = "-- a,b\nc,d;\n";
    CHECK(read_all(odd).format == "CSV");
    CHECK(read_all(odd, {.sql = {.dialect = SqlDialect::mysql}}).format == "MySQL dump");
    CHECK(read_all("id,b\n1,2\n", {.sql = {.tables = {"t"}}}).format == "SQL script");
}
