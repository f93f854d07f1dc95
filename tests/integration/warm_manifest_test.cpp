// warm --manifest against a real server: one pass over a dump, plain, packed and through a pipe.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "support/compressed.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr const char* k_dump_path = CACHECTL_SOURCE_DIR "/tests/data/dumps/pg_copy.sql";

ProcessResult warm(const RedisServer& server, const std::string& manifest, Words more = {},
                   ProcessOptions options = {}) {
    more.insert(more.begin(), {"warm", "--manifest", manifest, "-s", server.socket_path()});
    return run_cachectl(std::move(more), std::move(options));
}

std::string courses_dump(int rows) {
    std::string text =
        "CREATE TABLE courses (id integer, tenant integer, title text);\n"
        "CREATE TABLE codes (code text);\nCOPY courses (id, tenant, title) FROM stdin;\n";
    for (int i = 0; i < rows; ++i) {
        text += std::to_string(i) + '\t' + std::to_string(i % 10) + "\tcourse\n";
    }
    return text + "\\.\nINSERT INTO codes VALUES ('a'), ('b');\n";
}

constexpr const char* k_manifest = R"({
  "policy": "keys.json",
  "defaults": {"file": "FILE", "jitter": "10%"},
  "datasets": [
    {"table": "courses", "key": "course:{id}", "as": "hash", "ttl": "1000s"},
    {"table": "courses", "group": "tenant:{tenant}", "columns": ["id"], "where": "id < 100"},
    {"table": "codes", "collect": "codes:all"}
  ]
})";

std::string manifest_for(const std::string& file) {
    std::string text = k_manifest;
    return text.replace(text.find("FILE"), 4, file);
}

void check_keys(const RedisServer& server) {
    RespClient client = server.client();
    CHECK(client.integer({"DBSIZE"}) == 1000 + 10 + 1);
    CHECK(client.list({"HGETALL", "course:7"}) ==
          Words{"id", "7", "tenant", "7", "title", "course"});
    CHECK(client.integer({"PTTL", "course:7"}) > 880'000);
    CHECK(client.integer({"PTTL", "course:7"}) <= 1'000'000);
    const Json list = Json::parse(client.text({"GET", "tenant:3"}));
    REQUIRE(list.size() == 10);
    CHECK(list[9] == Json({{"id", 93}}));
    CHECK(client.text({"GET", "codes:all"}) == R"([{"code":"a"},{"code":"b"}])");
    // From the policy, less the jitter.
    CHECK(client.integer({"PTTL", "codes:all"}) > 88'000);
    CHECK(client.integer({"PTTL", "codes:all"}) <= 100'000);
}

}  // namespace

TEST_CASE("one dump becomes all its datasets: plain, packed, and through a pipe") {
    const TempDir dir;
    const std::string dump = courses_dump(1000);
    dir.file("keys.json", R"({"keys": [{"pattern": "*", "ttl": "100s"}]})");
    dir.file("plain.sql", dump);
    dir.file("packed.sql.gz", cachectl::gzipped(dump));
    for (const char* file : {"plain.sql", "packed.sql.gz", "-"}) {
        CAPTURE(file);
        RedisServer server;
        const ProcessResult result =
            warm(server, dir.file("warm.json", manifest_for(file)), {"--json"},
                 {.stdin_bytes = file == std::string("-") ? dump : ""});
        CHECK(result.err == "");
        REQUIRE(result.exit_code == 0);
        check_keys(server);
        const Json summary = Json::parse(result.out);
        CHECK(summary["complete"] == true);
        CHECK(summary["keys"] == 1011);
        REQUIRE(summary["datasets"].size() == 3);
        CHECK(summary["datasets"][0]["records"] == 1000);
        CHECK(summary["datasets"][0]["written"] == 1000);
        CHECK(summary["datasets"][1]["records"] == 100);
        CHECK(summary["datasets"][1]["group"] == "tenant:{tenant}");
        CHECK(summary["datasets"][1]["keys"] == 10);
        CHECK(summary["datasets"][2]["collect"] == "codes:all");
        CHECK(summary["bytes"] == summary["datasets"][0]["bytes"].get<int>() +
                                      summary["datasets"][1]["bytes"].get<int>() +
                                      summary["datasets"][2]["bytes"].get<int>());
    }
}

TEST_CASE("a second run with skip writes nothing, one with overwrite all that is not protected") {
    const TempDir dir;
    dir.file("a.csv", "id,v\n1,new\n2,new\n");
    const std::string manifest = dir.file("warm.json", R"({"datasets": [
      {"file": "a.csv", "key": "keep:{id}", "value": "{v}", "ttl": "1h"},
      {"file": "a.csv", "key": "new:{id}", "value": "{v}", "ttl": "1h", "if_exists": "overwrite"}
    ]})");
    RedisServer server;
    RespClient client = server.client();
    for (const char* key : {"keep:1", "keep:2", "new:1", "new:2"}) {
        client.run({"SET", key, "old"});
    }
    const ProcessResult result = warm(server, manifest, {"--protect", "new:2", "--json"});
    CHECK(result.exit_code == 0);
    CHECK(client.text({"GET", "keep:1"}) == "old");
    CHECK(client.text({"GET", "new:1"}) == "new");
    CHECK(client.text({"GET", "new:2"}) == "old");
    const Json summary = Json::parse(result.out);
    CHECK(summary["datasets"][0]["skipped"] == 2);
    CHECK(summary["datasets"][1]["written"] == 1);
    CHECK(summary["protected"] == 1);
}

TEST_CASE("what is wrong with a manifest is known before the server is looked for") {
    const TempDir dir;
    const std::string manifest = dir.file("warm.json", "{\"datasets\": [{\"file\": \"-\",\n}]}");
    const ProcessResult result =
        run_cachectl({"warm", "--manifest", manifest, "-s", dir.path() / "no.sock"});
    CHECK(result.exit_code == 6);
    CHECK(result.err.starts_with("cachectl: error: " + manifest + ":2: syntax error"));
}

TEST_CASE("the tables of a real dump, without a server") {
    const ProcessResult result = run_cachectl({"warm", k_dump_path, "--list-tables", "--json"});
    REQUIRE(result.exit_code == 0);
    const Json tables = Json::parse(result.out);
    REQUIRE(!tables.empty());
    for (const Json& table : tables) {
        CHECK(table["columns"].size() > 0);
    }
    const ProcessResult piped = run_cachectl({"warm", "-", "--list-tables", "--json"},
                                             {.stdin_bytes = read_file(k_dump_path)});
    REQUIRE(piped.exit_code == 0);
    const Json same = Json::parse(piped.out);
    REQUIRE(same.size() == tables.size());
    CHECK(same[0]["file"] == "stdin");
    CHECK(same[0]["columns"] == tables[0]["columns"]);
}

TEST_CASE("the rows of a key that datasets treat differently are counted as they came") {
    const RedisServer server;
    server.client().run({"MSET", "p:1", "there", "s:1", "there"});
    const TempDir folder;
    folder.file("rows.ndjson", "{\"id\":1}\n{\"id\":1}\n");
    // One is protected, one is left as it is, one is written by the first of two.
    const std::string manifest = folder.file("warm.json", R"({
      "defaults": {"file": "rows.ndjson", "ttl": "1h"},
      "datasets": [{"key": "p:{id}", "if_exists": "overwrite"}, {"key": "s:{id}"},
                   {"key": "k:{id}", "if_exists": "overwrite"}, {"key": "k:{id}"}]})");
    const ProcessResult run =
        warm(server, manifest, {"--protect", "p:*", "--max-errors", "5", "--json"});
    CHECK(run.exit_code == 0);
    const Json summary = Json::parse(run.out);
    CHECK(summary["keys"] == 8);
    CHECK(summary["written"] == 1);
    CHECK(summary["skipped"] == 1);
    CHECK(summary["protected"] == 1);
    CHECK(summary["duplicates"] == 5);
    CHECK(server.client().text({"GET", "p:1"}) == "there");
    CHECK(server.client().text({"GET", "s:1"}) == "there");
    CHECK(server.client().text({"GET", "k:1"}) == R"({"id":1})");
}

TEST_CASE("datasets that write in different ways do not overtake each other at a key") {
    const RedisServer server;
    const TempDir folder;
    std::string rows;
    for (int i = 0; i < 200; ++i) {
        rows += "{\"id\":" + std::to_string(i) + "}\n";
    }
    folder.file("rows.ndjson", rows);
    const auto types_after = [&](const std::string& datasets) {
        server.client().run({"FLUSHALL"});
        const std::string manifest = folder.file(
            "warm.json", R"({"defaults": {"file": "rows.ndjson", "ttl": "1h"}, "datasets": [)" +
                             datasets + "]}");
        const ProcessResult run = warm(server, manifest, {"--verify", "--max-errors", "1000"});
        CAPTURE(run.err);
        CHECK(run.exit_code == 0);
        std::map<std::string, int> types;
        for (const std::string& key : server.client().list({"KEYS", "*"})) {
            ++types[server.client().text({"TYPE", key})];
        }
        return types;
    };
    using Types = std::map<std::string, int>;
    // Whether a hash is there is asked for before it is written; a string is written at once.
    CHECK(types_after(R"({"key": "k:{id}", "as": "hash"}, {"key": "k:{id}"})") ==
          Types{{"hash", 200}});
    CHECK(types_after(R"({"key": "k:{id}"}, {"key": "k:{id}", "as": "hash"})") ==
          Types{{"string", 200}});
    // What was written by the first is read back before the second replaces it.
    CHECK(types_after(
              R"({"key": "k:{id}"}, {"key": "k:{id}", "as": "hash", "if_exists": "overwrite"})") ==
          Types{{"hash", 200}});
}

TEST_CASE("a protected key before it does not make a key that is written twice a wrong one") {
    const RedisServer server;
    const TempDir folder;
    std::string rows;
    for (int i = 0; i < 100; ++i) {
        const std::string id = std::to_string(i);
        rows += "{\"id\":\"p" + id + "\",\"v\":0}\n{\"id\":\"a" + id + "\",\"v\":1}\n{\"id\":\"a" +
                id + "\",\"v\":2}\n";
    }
    folder.file("rows.ndjson", rows);
    const std::string manifest = folder.file("warm.json", R"({"datasets": [
      {"file": "rows.ndjson", "key": "{id}", "as": "hash", "if_exists": "overwrite",
       "ttl": "1h"}]})");
    const ProcessResult run =
        warm(server, manifest, {"--protect", "p*", "--verify", "--max-errors", "100"});
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(server.client().text({"HGET", "a7", "v"}) == "2");
}
