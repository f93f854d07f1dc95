// By what a dialect is known: types, functions, statements and quotes that others have not. For
// guess_sql() alone.
#pragma once

#include <array>
#include <string_view>

#include "dump/sql/dialect.hpp"

namespace cachectl::sql_marks {

/// What a mark weighs. One that is certain outweighs a few that other dialects have too.
constexpr int k_certain = 8;
constexpr int k_likely = 4;
constexpr int k_hint = 2;
/// Less than this says nothing.
constexpr int k_least = 3;

struct Mark {
    SqlDialect dialect;
    int weight;
    /// Tokens with a space before, between and behind: words in upper case, a quoted name as its
    /// opening quote and then quote and name, a string as its opening quote.
    std::string_view tokens;
};

constexpr auto k_pg = SqlDialect::postgres;
constexpr auto k_my = SqlDialect::mysql;
constexpr auto k_lite = SqlDialect::sqlite;
constexpr auto k_other = SqlDialect::generic;  // SQL Server's, Oracle's

constexpr std::array k_marks = {
    Mark{k_pg, k_certain, " : : "},
    Mark{k_pg, k_certain, " [ ] "},
    Mark{k_pg, k_certain, " ARRAY [ "},
    Mark{k_pg, k_certain, " FROM STDIN "},
    Mark{k_pg, k_certain, " STANDARD_CONFORMING_STRINGS "},
    Mark{k_pg, k_certain, " CLIENT_ENCODING "},
    Mark{k_pg, k_certain, " CLIENT_MIN_MESSAGES "},
    Mark{k_pg, k_certain, " SEARCH_PATH "},
    Mark{k_pg, k_certain, " STATEMENT_TIMEOUT "},
    Mark{k_pg, k_certain, " PG_CATALOG . "},
    Mark{k_pg, k_certain, " OWNER TO "},
    Mark{k_pg, k_certain, " ALTER TABLE ONLY "},
    Mark{k_pg, k_certain, " CREATE EXTENSION "},
    Mark{k_pg, k_certain, " CREATE DOMAIN "},
    Mark{k_pg, k_certain, " AS ENUM ( "},
    Mark{k_pg, k_certain, " LANGUAGE PLPGSQL "},
    Mark{k_pg, k_certain, " BYTEA "},
    Mark{k_pg, k_certain, " TIMESTAMPTZ "},
    Mark{k_pg, k_certain, " TSVECTOR "},
    Mark{k_pg, k_certain, " BIGSERIAL "},
    Mark{k_pg, k_certain, " PUBLIC . "},
    Mark{k_pg, k_certain, " \"PUBLIC\" . "},
    Mark{k_pg, k_certain, " TIME ZONE "},
    Mark{k_pg, k_certain, " E' "},
    Mark{k_pg, k_certain, " DO $$ "},
    Mark{k_pg, k_certain, " AS $$ "},
    Mark{k_pg, k_certain, " \\ "},
    Mark{k_pg, k_likely, " JSONB "},
    Mark{k_pg, k_likely, " SERIAL "},
    Mark{k_pg, k_likely, " CHARACTER VARYING "},
    Mark{k_pg, k_likely, " FLOAT8 "},
    Mark{k_pg, k_likely, " INT4 "},
    Mark{k_pg, k_likely, " INT8 "},
    Mark{k_pg, k_likely, " INET "},
    Mark{k_pg, k_likely, " SETVAL ( "},
    Mark{k_pg, k_likely, " NEXTVAL ( "},
    Mark{k_pg, k_likely, " COMMENT ON "},
    Mark{k_pg, k_likely, " USING GIN "},
    Mark{k_pg, k_hint, " CREATE SEQUENCE "},
    Mark{k_pg, k_hint, " CREATE TYPE "},
    Mark{k_pg, k_hint, " UUID "},
    Mark{k_my, k_certain, " ENGINE = "},
    Mark{k_my, k_certain, " AUTO_INCREMENT "},
    Mark{k_my, k_certain, " UNSIGNED "},
    Mark{k_my, k_certain, " LOCK TABLES "},
    Mark{k_my, k_certain, " UNLOCK TABLES "},
    Mark{k_my, k_certain, " DEFAULT CHARSET "},
    Mark{k_my, k_certain, " DEFAULT CHARACTER SET "},
    Mark{k_my, k_certain, " ON UPDATE CURRENT_TIMESTAMP "},
    Mark{k_my, k_certain, " ON DUPLICATE KEY "},
    Mark{k_my, k_certain, " INSERT IGNORE "},
    Mark{k_my, k_certain, " FOREIGN_KEY_CHECKS "},
    Mark{k_my, k_certain, " @@FOREIGN_KEY_CHECKS "},
    Mark{k_my, k_certain, " SQL_MODE "},
    Mark{k_my, k_certain, " @@SQL_MODE "},
    Mark{k_my, k_certain, " DELIMITER ; "},
    Mark{k_my, k_certain, " DELIMITER $ $ "},
    Mark{k_my, k_certain, " DELIMITER / / "},
    Mark{k_my, k_certain, " FULLTEXT KEY "},
    Mark{k_my, k_certain, " LONGTEXT "},
    Mark{k_my, k_certain, " MEDIUMTEXT "},
    Mark{k_my, k_certain, " TINYTEXT "},
    Mark{k_my, k_certain, " LONGBLOB "},
    Mark{k_my, k_certain, " MEDIUMINT "},
    Mark{k_my, k_certain, " _BINARY ' "},
    Mark{k_my, k_certain, " /*! "},
    Mark{k_my, k_likely, " ` "},
    Mark{k_my, k_likely, " ENUM ( "},
    Mark{k_my, k_likely, " UNIQUE KEY "},
    Mark{k_my, k_likely, " COMMENT ' "},
    Mark{k_my, k_likely, " # "},
    Mark{k_my, k_likely, " SET NAMES "},
    Mark{k_my, k_hint, " START TRANSACTION "},
    Mark{k_my, k_hint, " TINYINT "},
    Mark{k_lite, k_certain, " PRAGMA "},
    Mark{k_lite, k_certain, " AUTOINCREMENT "},
    Mark{k_lite, k_certain, " WITHOUT ROWID "},
    Mark{k_lite, k_certain, " VIRTUAL TABLE "},
    Mark{k_lite, k_certain, " INSERT OR "},
    Mark{k_lite, k_certain, " SQLITE_SEQUENCE "},
    Mark{k_lite, k_certain, " \"SQLITE_SEQUENCE\" "},
    Mark{k_lite, k_certain, " SQLITE_MASTER "},
    Mark{k_lite, k_certain, " SQLITE_SCHEMA "},
    Mark{k_lite, k_certain, " SQLITE_STAT1 "},
    Mark{k_lite, k_likely + 1, " BEGIN TRANSACTION "},
    // How the shell writes texts with line ends and other control characters.
    Mark{k_lite, k_likely, " REPLACE ( ' , ' , CHAR ( 0 ) ) "},
    Mark{k_lite, k_likely, " UNISTR ( ' ) "},
    Mark{k_other, k_certain, " [DBO] . "},
    Mark{k_other, k_certain, " DBO . "},
    Mark{k_other, k_certain, " SET ANSI_NULLS "},
    Mark{k_other, k_certain, " SET QUOTED_IDENTIFIER "},
    Mark{k_other, k_certain, " IDENTITY_INSERT "},
    Mark{k_other, k_certain, " \nGO "},
    Mark{k_other, k_certain, " VARCHAR2 ( "},
    Mark{k_other, k_certain, " SET DEFINE OFF "},
    Mark{k_other, k_certain, " INSERT ALL "},
    Mark{k_other, k_certain, " REM INSERTING "},
    Mark{k_other, k_likely, " [ "},
    Mark{k_other, k_likely, " NVARCHAR "},
    Mark{k_other, k_likely, " [NVARCHAR] "},
    Mark{k_other, k_likely, " IDENTITY ( "},
};

/// Of k_other's marks, those of Oracle; the rest is SQL Server's.
constexpr std::array<std::string_view, 4> k_oracle = {" VARCHAR2 ( ", " SET DEFINE OFF ",
                                                      " INSERT ALL ", " REM INSERTING "};

}  // namespace cachectl::sql_marks
