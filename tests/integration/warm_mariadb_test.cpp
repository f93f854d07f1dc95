// Tables of every build, as mariadb-dump writes them, beside what JSON_OBJECT() says; what else
// stands in a dump; and the tool piped into `warm`.
#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/differential.hpp"
#include "support/mariadb_server.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

struct Question {
    std::string table;   // as --table has it
    std::string object;  // of a row as `warm` is to make it
};

const std::string k_odd = "`odd ``table; -- \"x\" (`";

// MariaDB writes generated columns and hidden ones like others.
const std::vector<Question> k_questions = {
    {k_odd,
     "'id', id, 'select', `select`, 'key', `key`, 'a\\\\b', `a\\b`, 'check', "
     "JSON_COMPACT(`check`), "
     "'v', v, 's', s, 'hidden', hidden, 'last)', TO_BASE64(`last)`)"},
    {"parted", "'id', id, 'kind', kind"},
    {"versioned", "'id', id, 'a', a"},
    {"timed", "'id', id, 'a', concat('', a), 'b', concat('', b)"},
    {"latin", "'id', id, 'a', CONVERT(a USING utf8mb4)"},
    {"aria", "'id', id, 'a', a"},
    {"no_rows", "'id', id"},
    {"log", "'id', id, 'what', what"},
};

Rows rows(const MariadbServer& mariadb, const Question& question) {
    return rows_of_query(
        mariadb.query("SELECT id, JSON_OBJECT(" + question.object + ") FROM " + question.table),
        '\t', '\n');
}

Dump dumped(const MariadbServer& mariadb, const Texts& options) {
    std::string how = "mariadb-dump";
    for (const std::string& word : options) {
        how += " " + word;
    }
    return {how, mariadb.dump(options), {}};
}

void check_all(const MariadbServer& mariadb, const RedisServer& redis,
               const std::vector<Texts>& modes) {
    std::vector<Dump> dumps;
    for (const Texts& options : modes) {
        dumps.push_back(dumped(mariadb, options));
    }
    for (const Question& question : k_questions) {
        const Rows expected = rows(mariadb, question);
        REQUIRE((!expected.empty() || question.table == "no_rows"));
        CHECK(differences(redis, dumps, question.table, expected, Modes::all) == "");
    }
}

}  // namespace

TEST_CASE("MariaDB's tables of every build, in every mode of its tool") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    mariadb.run(read_file(CACHECTL_SOURCE_DIR "/tests/data/databases/mariadb.sql"));
    check_all(mariadb, redis,
              {{},
               {"--routines", "--events", "--triggers"},
               {"--skip-extended-insert", "--routines", "--events"},
               {"--hex-blob", "--complete-insert", "--routines"},
               {"--replace", "--skip-comments"},
               {"--insert-ignore", "--single-transaction"},
               {"--compact", "--routines", "--events"},
               {"--skip-opt"},
               {"--databases", "--add-drop-database", "--routines"},
               {"--compatible=ansi", "--default-character-set=utf8mb4", "--routines", "--events"},
               {"--delayed-insert", "--order-by-primary", "--tz-utc"}});
}

TEST_CASE("a server of MariaDB in which backslashes do not escape, or quotes are names'") {
    const RedisServer redis;
    const MariadbServer& mariadb = MariadbServer::emptied();
    mariadb.run(read_file(CACHECTL_SOURCE_DIR "/tests/data/databases/mariadb.sql"));
    for (const std::string mode :
         {"NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI,NO_BACKSLASH_ESCAPES", "ORACLE"}) {
        CAPTURE(mode);
        mariadb.run("SET GLOBAL sql_mode = '" + mode + "'");
        const Question& question = k_questions.front();
        mariadb.run("SET GLOBAL sql_mode = ''");
        const Rows expected = rows(mariadb, question);
        mariadb.run("SET GLOBAL sql_mode = '" + mode + "'");
        for (const Texts& options : {Texts{}, Texts{"--routines", "--events", "--hex-blob"}}) {
            CHECK(difference(redis, dumped(mariadb, options), question.table, expected) == "");
        }
    }
}

TEST_CASE("rows of MariaDB without the definition of their table") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    mariadb.run(
        "CREATE TABLE t (id int, a varchar(20), b decimal(5,2), c date, d tinyint(1));\n"
        "INSERT INTO t VALUES (1, '007', 1.50, '2024-02-29', 1), (2, NULL, NULL, NULL, 0)");
    const Rows expected =
        rows(mariadb, {"t", "'id', id, 'a', a, 'b', b, 'c', concat('', c), 'd', d"});
    for (const Texts& options :
         {Texts{"--no-create-info", "--complete-insert"},
          Texts{"--no-create-info", "--complete-insert", "--replace", "--skip-extended-insert"},
          Texts{"--compact", "--no-create-info", "--complete-insert"}}) {
        CHECK(difference(redis, dumped(mariadb, options), "t", expected) == "");
    }
}

TEST_CASE("mariadb-dump piped into warm") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    mariadb.run(
        "CREATE TABLE t (id int, name varchar(50), ok bool, b blob);\n"
        "INSERT INTO t SELECT seq, concat('it''s, \"', seq, '\"\\n\\\\'), seq % 2 = 0, "
        "X'00ff' FROM seq_1_to_3000;\n"
        "INSERT INTO t (id) VALUES (3001); CREATE TABLE u (id int); "
        "INSERT INTO u VALUES (1)");
    const auto key = [&](const std::string& name) { return redis.client().text({"GET", name}); };
    const auto keys = [&]() { return redis.client().integer({"DBSIZE"}); };
    const auto shell = [&](const std::string& dump, const std::string& words) {
        redis.client().run({"FLUSHALL"});
        ProcessOptions options = mariadb.environment();
        options.timeout = Millis(120'000);
        return run_process(
            {"bash", "-c",
             "set -o pipefail; mariadb-dump --no-defaults -u root d " + dump + " | '" +
                 cachectl_binary() + "' warm - -s " + redis.socket_path() + " --ttl 1h " + words},
            options);
    };

    auto run = shell("", "--table t --key 't:{id}'");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 3001);
    CHECK(key("t:7") == R"({"id":7,"name":"it's, \"7\"\n\\","ok":0,"b":"AP8="})");
    CHECK(key("t:3001") == R"({"id":3001,"name":null,"ok":null,"b":null})");

    run = shell("--hex-blob t | gzip", "--key 't:{id}' --where 'ok = 1' --binary hex");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 1500);
    CHECK(key("t:8") == R"({"id":8,"name":"it's, \"8\"\n\\","ok":1,"b":"00ff"})");

    run =
        shell("t --where='id > 2999'", "--key 't:{id}' --as hash --columns id,name,b --binary raw");
    CHECK(run.exit_code == 0);
    CHECK(keys() == 2);
    CHECK(redis.client().list({"HGETALL", "t:3000"}) ==
          Texts{"id", "3000", "name", "it's, \"3000\"\n\\", "b", std::string("\0\xff", 2)});

    run = shell("", "--table t --group 't:ok:{ok}' --columns id --where 'id <= 4'");
    CHECK(run.exit_code == 0);
    CHECK(key("t:ok:1") == R"([{"id":2},{"id":4}])");
    CHECK(key("t:ok:0") == R"([{"id":1},{"id":3}])");

    run = shell("u", "--collect u:all");
    CHECK(run.exit_code == 0);
    CHECK(key("u:all") == R"([{"id":1}])");

    const Rows all = rows(mariadb, {"t", "'id', id, 'name', name, 'ok', ok, 'b', TO_BASE64(b)"});
    CHECK(difference(redis, {"zstd", cachectl::zstd_packed(mariadb.dump({})), {}}, "t", all) == "");
    CHECK(difference(redis, {"gzip", cachectl::gzipped(mariadb.dump({})), {}}, "t", all) == "");
}
