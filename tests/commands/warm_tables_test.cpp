// warm --list-tables: what a dump holds, without a server.
#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

constexpr std::string_view k_dump =
    "CREATE TABLE public.courses (id integer NOT NULL, title character varying(80),\n"
    "  slug text GENERATED ALWAYS AS (lower(title)) STORED);\n"
    "CREATE TABLE public.empty (id bigint);\n"
    "COPY public.courses (id, title) FROM stdin;\n"
    "1\tGo\n"
    "2\tC++\n"
    "\\.\n"
    "INSERT INTO public.codes (code, rate) VALUES ('a', 1.10), ('b', 2);\n";

/// Without a server; stdout has to be what is expected, and the exit code 0.
void check(std::vector<std::string> args, const std::string& out, RunOptions options = {}) {
    FakeClient client;
    args.insert(args.begin(), "warm");
    args.emplace_back("--list-tables");
    const RunResult run = run_with(client, args, std::move(options));
    CHECK(run.out == out);
    CHECK(run.err.empty());
    CHECK(run.code == 0);
    CHECK_FALSE(run.connected);
}

RunResult run(std::vector<std::string> args) {
    FakeClient client;
    args.insert(args.begin(), "warm");
    args.emplace_back("--list-tables");
    const RunResult result = run_with(client, args);
    CHECK_FALSE(result.connected);
    return result;
}

}  // namespace

TEST_CASE("tables, columns, types and numbers of rows, for people") {
    const TempDir dir;
    const std::string file = dir.file("a.sql", k_dump);
    check({file},
          "TABLE           ROWS  COLUMN  TYPE\n"
          "public.courses     2  id      integer\n"
          "                      title   character varying(80)\n"
          "                      slug    text\n"
          "public.empty       0  id      bigint\n"
          "public.codes       2\n" +
              file + " was read as PostgreSQL dump\n",
          {.terminal = true});
}

TEST_CASE("a line for each table into a pipe, JSON and CSV for programs") {
    const TempDir dir;
    const std::string file = dir.file("a.sql.gz", cachectl::gzipped(k_dump));
    check({file},
          "public.courses\t2\tid integer, title character varying(80), slug text\tPostgreSQL dump\n"
          "public.empty\t0\tid bigint\tPostgreSQL dump\n"
          "public.codes\t2\t\tPostgreSQL dump\n");
    const std::string begin = "{\"file\": \"" + file + R"x(", "format": "PostgreSQL dump)x";
    check({file, "--json"},
          "[\n  " + begin +
              R"x(", "table": "public.courses", "rows": 2, "columns": [)x"
              R"x({"name": "id", "type": "integer", "generated": false}, )x"
              R"x({"name": "title", "type": "character varying(80)", "generated": false}, )x"
              R"x({"name": "slug", "type": "text", "generated": true}]},)x"
              "\n  " +
              begin +
              R"x(", "table": "public.empty", "rows": 0, "columns": [)x"
              R"x({"name": "id", "type": "bigint", "generated": false}]},)x"
              "\n  " +
              begin + R"x(", "table": "public.codes", "rows": 2, "columns": []})x" + "\n]\n");
    check({file, "-o", "csv", "--table", "empty"},
          "file,table,rows,column,type,format\r\n" + file +
              ",public.empty,0,id,bigint,PostgreSQL dump\r\n");
    check({file, "-o", "ndjson", "--table", "empty"},
          "{\"file\":\"" + file +
              R"x(","format":"PostgreSQL dump","table":"public.empty","rows":0,"columns":[)x"
              R"x({"name":"id","type":"bigint","generated":false}]})x"
              "\n");
}

TEST_CASE("several dumps are told apart by their files, and --table chooses in all of them") {
    const TempDir dir;
    const std::string first = dir.file("a.sql", k_dump);
    const std::string second =
        dir.file("b.sql", "CREATE TABLE `courses` (`id` int) ENGINE=InnoDB;\n");
    check({first, second, "--table", "courses", "-o", "plain"},
          first + "\tpublic.courses\t2\tid integer, title character varying(80), slug text\t" +
              "PostgreSQL dump\n" + second + "\tcourses\t0\tid int\tMySQL dump\n");
    const RunResult missing = run({first, second, "--table", "codes"});
    CHECK(missing.code == 6);
    CHECK(missing.out.empty());
    CHECK(missing.err == "cachectl: error: " + second +
                             " has no table 'codes'\n"
                             "cachectl: its tables: courses\n");
}

TEST_CASE("the partitions of a table that is asked for are listed with it") {
    const TempDir dir;
    const std::string file = dir.file("a.sql",
                                      "CREATE TABLE public.logs (day date) PARTITION BY RANGE "
                                      "(day);\n"
                                      "CREATE TABLE public.other (id int);\n"
                                      "CREATE TABLE public.logs_1 (day date);\n"
                                      "ALTER TABLE ONLY public.logs ATTACH PARTITION public.logs_1 "
                                      "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n"
                                      "COPY public.logs_1 (day) FROM stdin;\n2024-05-05\n\\.\n");
    check({file, "--table", "logs", "-o", "plain"},
          "public.logs\t0\tday date\tPostgreSQL dump\n"
          "public.logs_1\t1\tday date\tPostgreSQL dump\n");
}

TEST_CASE("what is no SQL dump has no tables, and a cut one is an error") {
    const TempDir dir;
    const std::string csv = dir.file("a.csv", "id,t\n1,x\n");
    const RunResult none = run({csv});
    CHECK(none.code == 6);
    CHECK(none.err == "cachectl: error: " + csv +
                          " is no SQL dump, so it has no tables\n"
                          "cachectl: if it is one all the same, say --format sql\n");
    const std::string cut = dir.file("b.sql", k_dump.substr(0, k_dump.find("2\tC++")));
    CHECK(run({cut}).code == 6);
    CHECK(run({cut}).err.find("the input ends in the middle of COPY data") != std::string::npos);
    CHECK(run({cut, "-o", "plain"}).out ==
          "public.courses\t1\tid integer, title character varying(80), slug text\tPostgreSQL dump\n"
          "public.empty\t0\tid bigint\tPostgreSQL dump\n");
    const RunResult no_end = run({dir.file("d.sql",
                                           "-- MySQL dump 10.13\n"
                                           "CREATE TABLE `t` (`id` int);\n"
                                           "INSERT INTO `t` VALUES (1),(2);\n"),
                                  dir.file("e.sql", k_dump), "-o", "plain"});
    CHECK(no_end.code == 6);
    CHECK(no_end.out == "t\t2\tid int\tMySQL dump\n");
    CHECK(no_end.err.find("the line with which such a dump ends is missing") != std::string::npos);
    CHECK(run({dir.file("c.sql", "-- nothing\nSET x = 1;\n")})
              .err.find("there are no tables in it") != std::string::npos);
    CHECK(run({"/no/such.sql"}).code == 6);
    CHECK(run({}).code == 2);
    CHECK(run({"--manifest", csv}).code == 2);
}
