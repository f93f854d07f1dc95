// Files of mydumper and in phpMyAdmin's layout, and what mariadb-dump and SQLite's shell write
// besides plain dumps: each row beside what the database says once it has the same file.
#include <doctest/doctest.h>

#include <filesystem>

#include "support/differential.hpp"
#include "support/mariadb_server.hpp"
#include "support/sqlite_database.hpp"

using namespace cachectl::test;

namespace {

using Texts = std::vector<std::string>;

const std::string k_dumps = CACHECTL_SOURCE_DIR "/tests/data/dumps/";

// What a row is to become.
const std::string k_course =
    "'id', id, 'title', title, 'price', price, 'active', active, 'note', note, 'extra', "
    "JSON_COMPACT(extra), 'photo', TO_BASE64(photo), 'begins', concat('', begins), 'flags', "
    "flags + 0, 'level', level, 'ratio', ratio";
const std::string k_code = "'id', id, 'code', code, 'label', label";

Rows rows(const MariadbServer& mariadb, const std::string& table, const std::string& object) {
    return rows_of_query(mariadb.query("SELECT id, JSON_OBJECT(" + object + ") FROM " + table),
                         '\t', '\n');
}

std::string dump_of(const std::string& name) { return read_file(k_dumps + name); }

}  // namespace

TEST_CASE("mydumper's files of definitions and of rows") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    const auto file = [](const std::string& name) { return "mydumper/d." + name + ".sql"; };
    for (const std::string table : {"codes", "courses"}) {
        mariadb.run(dump_of(file(table + "-schema")));
        mariadb.run(dump_of(file(table)));
    }
    for (const auto& [table, object] : {std::pair{"courses", k_course}, {"codes", k_code}}) {
        const Rows expected = rows(mariadb, table, object);
        REQUIRE(expected.size() >= 3);
        const std::string name = table;
        // Definitions first, as a shell sorts them, and all that it has written.
        CHECK(difference(redis,
                         {"its own files", dump_of(file(name + "-schema")), {k_dumps + file(name)}},
                         name, expected) == "");
        Texts all;
        for (const std::string part : {"cheap-schema-view", "codes-schema-triggers", "codes-schema",
                                       "codes", "courses-schema", "courses"}) {
            all.push_back(k_dumps + file(part));
        }
        CHECK(difference(redis, {"all files", dump_of(file("cheap-schema")), all}, name,
                         expected) == "");
    }
    // A file of rows alone does not say what its columns are called.
    const ProcessResult alone = run_cachectl({"warm", k_dumps + file("courses"), "--key", "t:{id}",
                                              "--ttl", "1h", "-s", redis.socket_path()});
    CHECK(alone.exit_code == 6);
    CHECK(alone.err.find("give the file that has it before this one") != std::string::npos);
}

TEST_CASE("a file in phpMyAdmin's layout, with its keys at the end") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    const std::string dump = dump_of("phpmyadmin.sql");
    mariadb.run(dump);
    CHECK(difference(redis, {"phpMyAdmin", dump, {}}, "courses",
                     rows(mariadb, "courses", k_course)) == "");
    CHECK(difference(redis, {"phpMyAdmin", dump, {}}, "codes", rows(mariadb, "codes", k_code)) ==
          "");
}

TEST_CASE("what mariadb-dump writes besides a plain dump") {
    const MariadbServer& mariadb = MariadbServer::emptied();
    const RedisServer redis;
    const std::string table = "CREATE TABLE t (id int, a varchar(40), b decimal(5,2));\n";
    mariadb.run(table +
                "INSERT INTO t VALUES (1, 'it''s \"a\"', 1.50), (2, NULL, NULL), (3, 'C:\\\\new', "
                "0), (4, '', -1), (5, 'NULL', 0.01), (6, 'é 😀 \\\\N', 1)");
    CHECK(mariadb.dump({}).starts_with("/*M!999999\\- enable the sandbox mode */"));
    const Rows expected = rows(mariadb, "t", "'id', id, 'a', a, 'b', b");
    CHECK(difference(redis, {"with the sandbox line", mariadb.dump({}), {}}, "t", expected) == "");

    const TempDir folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    (void)mariadb.dump({"--tab=" + folder.path().string()});
    const Rows texts = rows(mariadb, "t", "'id', concat('', id), 'a', a, 'b', concat('', b)");
    CHECK(difference(redis,
                     {"--tab",
                      read_file(folder.path() / "t.txt"),
                      {"--format", "tsv", "--header", "id,a,b"}},
                     "", texts) == "");
    CHECK(difference(redis,
                     {"--tab with types",
                      read_file(folder.path() / "t.txt"),
                      {"--format", "tsv", "--header", "id,a,b", "--types", "id:int,b:number"}},
                     "", expected) == "");

    // A tab or a line end within a value stands behind a backslash: such a row is refused, never
    // taken for something else.
    mariadb.run("DELETE FROM t; INSERT INTO t VALUES (1, 'two\\nlines', 1)");
    const TempDir other;
    std::filesystem::permissions(other.path(), std::filesystem::perms::all);
    (void)mariadb.dump({"--tab=" + other.path().string()});
    CHECK(
        difference(
            redis,
            {"--tab", read_file(other.path() / "t.txt"), {"--format", "tsv", "--header", "id,a,b"}},
            "", {})
            .find("exit 6: ") != std::string::npos);

    const ProcessResult xml = run_cachectl({"warm", folder.file("x", mariadb.dump({"--xml"})),
                                            "--key", "t:{id}", "-s", redis.socket_path()});
    CHECK(xml.exit_code == 6);
    CHECK(xml.err.find("it looks like HTML or XML") != std::string::npos);
    CHECK(redis.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("what SQLite's shell prints as INSERTs and as CSV") {
    const SqliteDatabase sqlite;
    const RedisServer redis;
    sqlite.run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b REAL);\n"
        "INSERT INTO t VALUES (1, 'it''s \"a\"', 1.5), (2, NULL, NULL), (3, 'two' || char(10) || "
        "'lines, C:\\new', 0.25), (4, 'NULL', -1), (5, 'é 😀', 1e10), (6, ' x ', 7);");
    const std::string query =
        "SELECT id, json_object('id', id, 'a', a, 'b', json(printf('%!.15g', b))) FROM t "
        "WHERE b IS NOT NULL UNION ALL SELECT id, json_object('id', id, 'a', a, 'b', NULL) "
        "FROM t WHERE b IS NULL ORDER BY 1;";
    const Rows expected = rows_of_query(sqlite.run(query), '|', '\n');
    REQUIRE(expected.size() == 6);
    const std::string insert = sqlite.run(".headers on\n.mode insert t\nSELECT * FROM t;");
    CHECK(difference(redis, {".mode insert", insert, {"--dialect", "sqlite"}}, "", expected) == "");
    const std::string defined =
        sqlite.run(".schema t") + sqlite.run(".mode insert t\nSELECT * FROM t;");
    CHECK(difference(redis, {".schema, .mode insert", defined, {}}, "t", expected) == "");

    const Rows texts = rows_of_query(
        sqlite.run("SELECT id, json_object('id', CAST(id AS TEXT), 'a', a, 'b', CAST(b AS TEXT)) "
                   "FROM t;"),
        '|', '\n');
    const std::string csv = sqlite.run(".headers on\n.mode csv\nSELECT * FROM t;");
    CHECK(difference(redis, {".mode csv", csv, {}}, "", texts) == "");
}
