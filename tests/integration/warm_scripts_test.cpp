// Scripts as people and other tools write them, run by the databases themselves: what `warm` makes
// of the same text has to be what the database then holds.
#include <doctest/doctest.h>

#include "support/differential.hpp"
#include "support/mariadb_server.hpp"
#include "support/postgres_server.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;

namespace {

const std::string k_postgres_script =
    R"x(SET client_encoding = 'UTF8';
CREATE SCHEMA app;
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.model (id integer, t text, v character varying(9), d date, ts timestamp with time zone,
    n numeric(8,3), f real, b boolean, j jsonb, m public.mood, a text[], i integer[], old integer);
CREATE TABLE public.model (id integer, other text);
SET search_path = "$user", app, public;
CREATE TABLE first (LIKE model, more integer GENERATED ALWAYS AS IDENTITY);
ALTER TABLE first DROP more;
ALTER TABLE first RENAME old TO new;
ALTER TABLE first ALTER new TYPE text;
ALTER TABLE first RENAME TO made;
DROP TABLE IF EXISTS app.nothing;
TRUNCATE made;
INSERT INTO made VALUES
  (1, 'a'
      'b''c'
  'd', 'x'::varchar(3), DATE '2020-02-29', TIMESTAMP WITH TIME ZONE '2020-01-01 10:00:00+00',
   '1.500'::numeric(8,3), '15'::real, 't'::boolean, '{"x": [1.10, "y"]}'::jsonb, 'sad'::mood,
   ARRAY['x','a,b','c"d',E'e\\f','NULL','',NULL], ARRAY[1,2,NULL]::integer[], '7'::text),
  (2, U&'d\0061t\+000061', 'y'::pg_catalog.varchar, '2021-01-01'::date, NULL::timestamptz, -12.250, NULL,
   CAST('f' AS boolean), 'null'::jsonb, NULL::public.mood, ARRAY[]::text[], ARRAY[ARRAY[1,2],ARRAY[3,4]],
   NULL),
  (3, U&'d!0061t!!a' UESCAPE '!', ('z'), NULL, NULL, (5.000), 2.5, true, NULL, 'ok', '{a,NULL}'::text[],
   NULL, $$q'r$$);
)x";

const std::string k_mariadb_script =
    R"x(SET NAMES utf8mb4;
CREATE TABLE `model` (`id` int AUTO_INCREMENT PRIMARY KEY, `t` text, `d` date, `n` int, `j` json,
  `b` varbinary(9));
DROP TABLE IF EXISTS `made`;
CREATE TABLE `first` LIKE `model`;
ALTER TABLE `first` CHANGE `n` `m` bigint FIRST, DROP `d`, ADD `e` date AFTER `t`;
RENAME TABLE `first` TO `second`, `second` TO `made`;
TRUNCATE `made`;
INSERT INTO `made` SET `id` = 1, t = 'a' 'b' "c\n", e = DATE'2020-02-29', m = 0x1F, b = 0x4142;
INSERT INTO `made` (id, t, j) VALUES (2, CONVERT('é' USING UTF8MB4), CONVERT("{\"a\": \"q\\\"x\"}" USING UTF8MB4)),
 (3, _utf8mb4'x', NULL);
INSERT INTO `made` SET id = 4, m = CAST('-7' AS SIGNED) ON DUPLICATE KEY UPDATE m = 1;
)x";

Rows rows(const PostgresServer& postgres, const std::string& query) {
    return rows_of_query(postgres.query("SELECT id, row_to_json(r) FROM (" + query + ") r"), '|',
                         '\0');
}

}  // namespace

TEST_CASE("a script for PostgreSQL makes what PostgreSQL makes of it") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(k_postgres_script);
    const Rows expected =
        rows(postgres,
             "SELECT id, t, v, d, to_char(ts AT TIME ZONE 'UTC', "
             "'YYYY-MM-DD HH24:MI:SS+00') AS ts, n, f, b, j, m, a, i, new FROM app.made");
    REQUIRE(expected.size() == 3);
    CHECK(difference(redis, {"script", k_postgres_script, {}}, "app.made", expected) == "");
    postgres.run("DROP SCHEMA app CASCADE");
}

TEST_CASE("PostgreSQL's definitions and data in files of their own, and in LATIN1") {
    const PostgresServer& postgres = PostgresServer::emptied();
    const RedisServer redis;
    postgres.run(
        "CREATE TABLE public.t (id integer, ok boolean, tags text[], \"né\" text);"
        "INSERT INTO public.t VALUES (1, true, '{a,é}', 'ü'), (2, NULL, NULL, E'\\t\\\\');");
    const Rows expected = rows(postgres, "SELECT * FROM public.t");
    const TempDir dir;
    const std::string schema = dir.file("schema.sql", postgres.tool({"pg_dump", "--schema-only"}));
    for (const char* how : {"--column-inserts", "--inserts", "--verbose"}) {
        CAPTURE(how);
        const std::string data =
            dir.file("data.sql", postgres.tool({"pg_dump", "--data-only", how}));
        redis.client().run({"FLUSHALL"});
        const ProcessResult run =
            warm(redis, {schema, data, "--table", "t", "--key", "{id}", "--ttl", "1h"});
        CHECK(run.exit_code == 0);
        for (const auto& [id, json] : expected) {
            CHECK(redis.client().text({"GET", id}) == json);
        }
    }
    for (const char* how : {"--column-inserts", "--verbose"}) {
        CHECK(difference(redis, {how, postgres.tool({"pg_dump", "-E", "LATIN1", how}), {}}, "t",
                         expected) == "");
    }
}

TEST_CASE("a script for MariaDB makes what MariaDB makes of it, and so does its dump in latin1") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    mariadb.run(k_mariadb_script);
    const auto expected = [&](const std::string& object) {
        return rows_of_query(mariadb.query("SELECT id, JSON_OBJECT(" + object + ") FROM made"),
                             '\t', '\n');
    };
    const std::string all =
        "'m', m, 'id', id, 't', t, 'e', e, 'j', JSON_COMPACT(j), 'b', TO_BASE64(b)";
    CHECK(difference(redis, {"latin1", mariadb.dump({"--default-character-set=latin1"}), {}},
                     "made", expected(all)) == "");
    // A row has the columns that its statement names.
    Rows rows = expected("'id', id, 't', t, 'e', e, 'm', m, 'b', TO_BASE64(b)");
    rows["2"] = expected("'id', id, 't', t, 'j', JSON_COMPACT(j)")["2"];
    rows["3"] = expected("'id', id, 't', t, 'j', JSON_COMPACT(j)")["3"];
    rows["4"] = expected("'id', id, 'm', m")["4"];
    CHECK(difference(redis, {"script", k_mariadb_script, {}}, "made", rows) == "");
}
