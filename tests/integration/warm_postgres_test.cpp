// Tables of every build, as PostgreSQL's own tools dump them, beside what row_to_json() says; what
// else stands in a dump; and the tools piped into `warm`.
#include <doctest/doctest.h>

#include <cstdlib>

#include "support/compressed.hpp"
#include "support/differential.hpp"
#include "support/postgres_server.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

struct Question {
    std::string table;  // as --table has it
    std::string query;  // of the rows as `warm` is to make them
};

// With its bytea as base64, its dates as they are.
const Question k_odd = {R"x("odd ""schema"."table; -- ""x"" (")x",
                        R"x(SELECT id, "select", "check", "primary", "constraint", "UPPER lower",
                           " , ", encode("last)", 'base64') AS "last)"
                           FROM "odd ""schema"."table; -- ""x"" (")x"};
const Question k_parted = {"parted", "SELECT * FROM parted"};

const std::vector<Question> k_questions = {
    k_odd,
    {"public.twins", "SELECT * FROM public.twins"},
    {"other.twins", "SELECT * FROM other.twins"},
    {"dropped", "SELECT * FROM dropped"},
    {"inherited", "SELECT * FROM inherited"},
    {"parted_a", "SELECT * FROM parted_a"},
    {"parted_b", "SELECT * FROM parted_b"},
    {"typed", "SELECT * FROM typed"},
    {"no_rows", "SELECT * FROM no_rows"},
    {"one_column", "SELECT * FROM one_column"},
    {"log", "SELECT * FROM log"},
};

std::string tables() { return read_file(CACHECTL_SOURCE_DIR "/tests/data/databases/postgres.sql"); }

Rows rows(const PostgresServer& postgres, const std::string& query) {
    return rows_of_query(postgres.query("SELECT id, row_to_json(r) FROM (" + query + ") r"), '|',
                         '\0');
}

Dump dumped(const PostgresServer& postgres, Texts argv) {
    std::string how;
    for (const std::string& word : argv) {
        how += word + " ";
    }
    return {how, postgres.tool(std::move(argv)), {}};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
}

/// The dump as pg_dump of another major version would have written it, whose lines differ in these
/// only. Of each version there are minor ones that restrict psql and older ones that do not.
std::string as_written_by(int version, bool restricts, std::string dump) {
    const std::string lines[] = {"-- Dumped from database version ",
                                 "-- Dumped by pg_dump version "};
    for (const std::string& line : lines) {
        const std::size_t at = dump.find(line);
        REQUIRE(at != std::string::npos);
        dump.replace(at, dump.find('\n', at) - at, line + std::to_string(version) + ".2");
    }
    const std::size_t first = dump.find("\\restrict ");
    if (restricts && first == std::string::npos) {
        dump.insert(dump.find("-- Dumped from"), "\\restrict aB3dEf\n\n");
        dump.insert(dump.find("--\n-- PostgreSQL database dump complete"),
                    "\n\\unrestrict aB3dEf\n\n");
    } else if (!restricts && first != std::string::npos) {
        dump.erase(first, dump.find('\n', first) + 1 - first);
        const std::size_t last = dump.rfind("\\unrestrict ");
        dump.erase(last, dump.find('\n', last) + 1 - last);
    }
    if (version < 17) {
        return dump;
    }
    const std::string before = "SET client_encoding";
    dump.insert(dump.find(before), "SET transaction_timeout = 0;\n");
    replace_all(dump, "ALTER TABLE public.counter OWNER", "ALTER SEQUENCE public.counter OWNER");
    replace_all(dump, "ALTER TABLE public.seen OWNER", "ALTER VIEW public.seen OWNER");
    replace_all(dump, "Type: BLOB;", "Type: BLOB METADATA;");
    return dump;
}

/// What a shell makes of it; {} is cachectl warm with what it always needs.
ProcessResult shell(const PostgresServer& postgres, const RedisServer& redis, std::string line) {
    redis.client().run({"FLUSHALL"});
    const std::string warm =
        "'" + cachectl_binary() + "' warm - -s " + redis.socket_path() + " --ttl 1h";
    line.replace(line.find("{}"), 2, warm);
    ProcessOptions options = postgres.environment();
    options.timeout = Millis(120'000);
    return run_process({"bash", "-c", "set -o pipefail; " + line}, options);
}

}  // namespace

TEST_CASE("PostgreSQL's tables of every build, in every mode of its tools") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(tables());
    std::vector<Dump> dumps;
    for (const Texts& argv :
         {Texts{"pg_dump"}, Texts{"pg_dump", "--inserts"}, Texts{"pg_dump", "--column-inserts"},
          Texts{"pg_dump", "--rows-per-insert=2"}, Texts{"pg_dumpall"},
          Texts{"pg_dump", "--create", "--clean", "--quote-all-identifiers", "--no-owner"},
          Texts{"pg_dump", "--inserts", "--quote-all-identifiers", "--disable-dollar-quoting"},
          Texts{"pg_dump", "--blobs", "--inserts", "--on-conflict-do-nothing"}}) {
        dumps.push_back(dumped(postgres, argv));
    }
    for (const Question& question : k_questions) {
        const Rows expected = rows(postgres, question.query);
        REQUIRE((!expected.empty() || question.table == "no_rows"));
        CHECK(differences(redis, dumps, question.table, expected, Modes::all) == "");
    }
    const Rows parted = rows(postgres, k_parted.query);
    // The columns stand in the order of the partition that holds the row.
    Rows swapped = parted;
    swapped["2"] = R"({"flag":false,"at":"2024-03-01","kind":"b","id":2})";
    CHECK(differences(redis, dumps, "parted", swapped, Modes::all) == "");
    for (const Texts& argv : {Texts{"pg_dump", "--load-via-partition-root"},
                              Texts{"pg_dump", "--load-via-partition-root", "--column-inserts"}}) {
        CHECK(difference(redis, dumped(postgres, argv), "parted", swapped) == "");
    }
}

// $CACHECTL_PG_DUMP is a pg_dump of another version, whose dumps are read besides.
TEST_CASE("dumps of PostgreSQL's versions, with and without the lines that restrict psql") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(tables());
    std::vector<Dump> dumps;
    for (const Texts& options : {Texts{}, Texts{"--inserts", "--rows-per-insert=3"}}) {
        Texts argv = {"pg_dump"};
        argv.insert(argv.end(), options.begin(), options.end());
        const Dump dump = dumped(postgres, argv);
        for (const int version : {15, 16, 17}) {
            for (const bool restricts : {true, false}) {
                dumps.push_back({dump.how + "of " + std::to_string(version),
                                 as_written_by(version, restricts, dump.bytes),
                                 {}});
            }
        }
        if (const char* const other = std::getenv("CACHECTL_PG_DUMP")) {
            argv.front() = other;
            dumps.push_back({other, output_of(argv, postgres.environment()), {}});
        }
    }
    for (const Question& question : k_questions) {
        const Rows expected = rows(postgres, question.query);
        CHECK(differences(redis, dumps, question.table, expected, Modes::all) == "");
    }
}

TEST_CASE("a database of PostgreSQL in which backslashes escape in every string") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run("ALTER DATABASE d SET standard_conforming_strings = off");
    postgres.run(
        "CREATE TABLE t (id integer, a text, b bytea, c jsonb, d text[]);\n"
        "INSERT INTO t VALUES (1, E'\\\\ '' \\n \\\\n \\\\. \\t', E'\\\\x005c27', "
        "E'{\"k\": \"\\\\\\\\\\\\n\"}', ARRAY[E'\\\\', '''', E'\"']), (2, E'\\\\', '', '[]', "
        "'{}');");
    const Rows expected = rows(postgres, "SELECT id, a, encode(b, 'base64') AS b, c, d FROM t");
    REQUIRE(expected.size() == 2);
    for (const Texts& argv : {Texts{"pg_dump"}, Texts{"pg_dump", "--inserts"},
                              Texts{"pg_dump", "--column-inserts", "--create"}}) {
        CHECK(difference(redis, dumped(postgres, argv), "t", expected) == "");
    }
    CHECK(difference(redis, dumped(postgres, {"pg_dumpall"}), "t", expected) == "");
    CHECK(difference(redis, dumped(postgres, {"pg_dumpall", "--inserts"}), "t", expected) == "");
}

TEST_CASE("PostgreSQL's tools piped into warm") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(
        "CREATE TABLE t (id integer, name text, ok boolean, tags text[]);\n"
        "INSERT INTO t SELECT i, 'it''s, \"' || i || E'\"\\n\\\\', i % 2 = 0, "
        "ARRAY['a,b', NULL] FROM generate_series(1, 3000) i;\n"
        "INSERT INTO t (id) VALUES (3001); CREATE TABLE u (id integer); "
        "INSERT INTO u VALUES (1)");
    const auto key = [&](const std::string& name) { return redis.client().text({"GET", name}); };
    const auto keys = [&]() { return redis.client().integer({"DBSIZE"}); };

    auto run = shell(postgres, redis, "pg_dump | {} --table t --key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 3001);
    CHECK(key("t:7") == R"({"id":7,"name":"it's, \"7\"\n\\","ok":false,"tags":["a,b",null]})");
    CHECK(key("t:3001") == R"({"id":3001,"name":null,"ok":null,"tags":null})");

    run = shell(postgres, redis,
                "pg_dump --inserts -t t | gzip | {} --key 't:{id}' --where 'id < 3'");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 2);

    run = shell(postgres, redis,
                "pg_dump -Fc | pg_restore -f - | {} --table t --key 't:{id}' --as hash");
    CHECK(run.exit_code == 0);
    CHECK(redis.client().list({"HGETALL", "t:8"}) ==
          Texts{"id", "8", "name", "it's, \"8\"\n\\", "ok", "true", "tags", R"(["a,b",null])"});
    CHECK(redis.client().list({"HGETALL", "t:3001"}) == Texts{"id", "3001"});

    run = shell(postgres, redis,
                "pg_dump | {} --table t --group 't:ok:{ok}' --columns id --where 'id <= 4'");
    CHECK(run.exit_code == 0);
    CHECK(key("t:ok:true") == R"([{"id":2},{"id":4}])");
    CHECK(key("t:ok:false") == R"([{"id":1},{"id":3}])");

    run = shell(postgres, redis,
                "pg_dump | {} --table t --collect t:all --collect-by id --columns id,ok "
                "--where 'id >= 3000'");
    CHECK(run.exit_code == 0);
    CHECK(key("t:all") == R"({"3000":{"id":3000,"ok":true},"3001":{"id":3001,"ok":null}})");

    // What psql writes as CSV is text or, where nothing stands, null.
    run = shell(postgres, redis,
                "psql -X --csv -c 'SELECT id, name, ok FROM t WHERE id IN (7, 3001)' | "
                "{} --format csv --key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 2);
    CHECK(key("t:7") == R"({"id":"7","name":"it's, \"7\"\n\\","ok":"f"})");
    CHECK(key("t:3001") == R"({"id":"3001","name":null,"ok":null})");

    run = shell(postgres, redis,
                "psql -XAt -c 'SELECT row_to_json(t) FROM t WHERE id = 7' | {} --key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(key("t:7") == R"({"id":7,"name":"it's, \"7\"\n\\","ok":false,"tags":["a,b",null]})");

    run = shell(postgres, redis, "pg_dump -Fc | {} --key 't:{id}'");
    CHECK(run.exit_code == 6);
    CHECK(run.err.find("pg_restore -f - FILE | cachectl warm -") != std::string::npos);
    run = shell(postgres, redis,
                "pg_dump --encoding=UTF8 | head -c 60000 | {} --table t --key 't:{id}'");
    CHECK(run.err.find("stdin:") != std::string::npos);
    CHECK(run.exit_code != 0);
}
