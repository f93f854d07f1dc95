#include "dump/sql/guess.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

namespace {

std::string guess(std::string_view text) {
    const SqlGuess found = guess_sql(text);
    if (!found.recognised) {
        return "none";
    }
    switch (found.dialect) {
        case SqlDialect::postgres:
            return "postgres";
        case SqlDialect::mysql:
            return "mysql";
        case SqlDialect::sqlite:
            return "sqlite";
        case SqlDialect::generic:
        case SqlDialect::automatic:
            break;
    }
    return "other";
}

}  // namespace

TEST_CASE("what stands in a string or a comment is no mark of a dialect") {
    const std::string postgres = "CREATE TABLE \"public\".\"t\" (\"id\" int4, \"ok\" bool);\n";
    CHECK(guess(postgres) == "postgres");
    CHECK(guess("-- has `body`, ENGINE=InnoDB\n" + postgres) == "postgres");
    CHECK(guess("/* PRAGMA x; AUTO_INCREMENT */\n" + postgres) == "postgres");
    CHECK(guess(postgres + "INSERT INTO t VALUES (1, 'run `ls` in C:\\new');") == "postgres");
    CHECK(guess(postgres + "INSERT INTO t VALUES (1, 'use `x` it''s \\', 't');") == "postgres");
    CHECK(guess("CREATE TABLE t (n text); INSERT INTO t VALUES ('ENGINE=InnoDB `x` $$');") ==
          "none");
    CHECK(guess("CREATE TABLE `t` (`n` text); INSERT INTO `t` VALUES ('costs $$ it\\'s');") ==
          "mysql");
    CHECK(guess("CREATE TABLE \"t\" (\"n\" TEXT); INSERT INTO \"t\" VALUES ('sqlite_master');") ==
          "none");
}

TEST_CASE("a string of which it is not clear where it ends hides what is behind it") {
    CHECK(guess("CREATE TABLE `t` (`n` text); INSERT INTO `t` VALUES ('it\\'s'),"
                "('\\' pg_catalog.x \\restrict OWNER TO \\'');") == "mysql");
    CHECK(guess("INSERT INTO t VALUES ('it\\'s');\ncreate table u (n int) engine=innodb;") ==
          "mysql");
}

TEST_CASE("marks count in any case") {
    CHECK(guess("create table t (id int auto_increment primary key);") == "mysql");
    CHECK(guess("create table t (id int) engine = innodb default charset=utf8mb4;") == "mysql");
    CHECK(guess("copy t (id) from stdin;\n1\n\\.\n") == "postgres");
    CHECK(guess("create table t (id integer primary key autoincrement);") == "sqlite");
    CHECK(guess("create table t (a int unsigned, b longtext);") == "mysql");
    CHECK(guess("create table t (a bytea, b timestamptz);") == "postgres");
}

TEST_CASE("marks of several dialects are weighed") {
    CHECK(guess("BEGIN TRANSACTION;\nCREATE TABLE public.t (id serial, tags text[]);") ==
          "postgres");
    CHECK(guess("BEGIN TRANSACTION;\nCREATE TABLE t (id INTEGER);\nCOMMIT;") == "sqlite");
    CHECK(guess("BEGIN TRANSACTION;\nCREATE TABLE `t` (`id` INTEGER);\nCOMMIT;") == "sqlite");
    CHECK(guess("PRAGMA x;\nCREATE TABLE `t` (a);") == "sqlite");
    CHECK(guess("CREATE TYPE mood AS ENUM ('a', 'b');") == "postgres");
    CHECK(guess("INSERT [dbo].[t] VALUES (1)") == "other");
    CHECK(guess("SET ANSI_NULLS ON\nGO\n") == "other");
    CHECK(guess("create table t (a int);") == "none");
    CHECK(guess("INSERT INTO t VALUES(1,replace('a\\nb','\\n',char(10)));") == "sqlite");
    CHECK(guess("INSERT INTO t VALUES(1,unistr('a\\u000ab'));") == "sqlite");
    CHECK(guess("CREATE TABLE `t` (a int) ENGINE=InnoDB;\n"
                "INSERT INTO t VALUES (replace('a,b',',',char(10)));") == "mysql");
    CHECK(guess("SELECT id::text FROM t;") == "postgres");
    CHECK(guess("INSERT INTO t VALUES (E'a\\nb');") == "postgres");
}

TEST_CASE("the first lines of the tools decide") {
    CHECK(guess("-- PostgreSQL database dump\n`") == "postgres");
    CHECK(guess("/*M!999999\\- enable the sandbox mode */\n-- x") == "mysql");
    CHECK(guess("-- phpMyAdmin SQL Dump\n-- version 5.2.1\nCREATE TABLE t (a int);") == "mysql");
    CHECK(guess("-- Adminer 4.8.1 PostgreSQL 15.3 dump\n\nCREATE TABLE t (a int);") == "postgres");
    CHECK(guess("-- Adminer 4.8.1 MySQL 8.0 dump\n") == "mysql");
    CHECK(guess("/*\n Navicat Premium Data Transfer\n\n Source Server Type    : SQLite\n*/\n") ==
          "sqlite");
    CHECK(guess("# ****\n# Sequel Ace SQL dump\n# Version 20096\n") == "mysql");
    CHECK(guess("mysqldump: [Warning] Using a password can be insecure.\n"
                "-- MySQL dump 10.13  Distrib 8.0.32\n") == "mysql");
    CHECK(guess("INSERT INTO t VALUES (1);\n-- MySQL dump 10.13\n") == "none");
    CHECK(guess("/*!40101 SET NAMES utf8 */;\nCREATE TABLE t (a int);") == "mysql");
}
