// Which tables of a dump are meant is found out before anything is written, where it can be.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Two databases, each with the same table, and 3,000 rows in the first.
std::string two_databases() {
    std::string rows;
    for (int i = 0; i < 3'000; ++i) {
        rows += std::to_string(i) + "\n";
    }
    return "-- PostgreSQL database cluster dump\n\\connect app\n"
           "CREATE TABLE public.t (id integer);\nCOPY public.t (id) FROM stdin;\n" +
           rows +
           "\\.\n\\connect \"old\"\n"
           "CREATE TABLE public.t (id integer);\nCOPY public.t (id) FROM stdin;\n1\n\\.\n"
           "-- PostgreSQL database cluster dump complete\n";
}

const std::string k_two_tables =
    "CREATE TABLE `a` (`id` int) ENGINE=InnoDB;\nINSERT INTO `a` VALUES (1),(2);\n"
    "CREATE TABLE `b` (`id` int) ENGINE=InnoDB;\nINSERT INTO `b` VALUES (3);\n";

}  // namespace

TEST_CASE("a name of two tables: nothing is written of a file, and the names that work are told") {
    const TempDir dir;
    const RedisServer server;
    RespClient client = server.client();
    const std::string file = dir.file("all.sql", two_databases());
    const Words options = {"--table", "public.t", "--key", "t:{id}", "--ttl", "1h"};
    Words words = options;
    words.insert(words.begin(), file);
    const ProcessResult refused = warm(server, words);
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err,
                   "has two tables 'public.t': app.public.t and old.public.t; nothing "
                   "was written"));
    CHECK(contains(refused.err, "name one by all its parts: app.public.t or old.public.t\n"));
    CHECK(client.integer({"DBSIZE"}) == 0);
    const std::string manifest = dir.file(
        "m.json",
        R"({"datasets": [{"file": "all.sql", "table": "t", "key": "t:{id}", "ttl": "1h"}]})");
    const ProcessResult in_manifest = warm(server, {"--manifest", manifest});
    CHECK(in_manifest.exit_code == 6);
    CHECK(contains(in_manifest.err, manifest + ":1: "));
    CHECK(client.integer({"DBSIZE"}) == 0);
    words[2] = "old.public.t";
    CHECK(warm(server, words).exit_code == 0);
    CHECK(client.list({"KEYS", "*"}) == Words{"t:1"});
    client.run({"FLUSHALL"});

    words = options;
    words.insert(words.begin(), "-");
    words.insert(words.end(), {"--json", "--journal", (dir.path() / "j").string()});
    const ProcessResult late = warm(server, words, {.stdin_bytes = two_databases()});
    CHECK(late.exit_code == 5);
    CHECK(client.integer({"DBSIZE"}) == 3'000);
    const Json error = Json::parse(late.out)["error"];
    CHECK(contains(error["message"], "3,000 keys had been written"));
    CHECK(error["hint"] == "name one by all its parts: app.public.t or old.public.t");
    CHECK(Json::parse(late.out)["resumable"] == false);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "j"));
}

TEST_CASE("rows of several tables and no --table: nothing is written of a file") {
    const TempDir dir;
    const RedisServer server;
    RespClient client = server.client();
    const ProcessResult refused =
        warm(server, {dir.file("two.sql", k_two_tables), "--key", "k:{id}", "--ttl", "1h"});
    CHECK(refused.exit_code == 6);
    CHECK(
        contains(refused.err, "the dump has rows of several tables, a and b; nothing was written"));
    CHECK(contains(refused.err, "cachectl: --table NAME chooses one\n"));
    CHECK(client.integer({"DBSIZE"}) == 0);
    // Of a large file the first 8 MiB are looked at.
    const std::string comment = "-- " + std::string(9 << 20, 'x') + "\n";
    const ProcessResult large = warm(
        server, {dir.file("large.sql", k_two_tables + comment), "--key", "k:{id}", "--ttl", "1h"});
    CHECK(large.exit_code == 6);
    CHECK(contains(large.err, "of several tables, a and b; nothing was written"));
    CHECK(client.integer({"DBSIZE"}) == 0);
    const ProcessResult late =
        warm(server, {"-", "--format", "sql", "--key", "k:{id}", "--ttl", "1h"},
             {.stdin_bytes = k_two_tables});
    CHECK(late.exit_code == 6);
    CHECK(contains(late.err,
                   "the dump has rows of several tables, a and b; 2 keys had been written"));
    CHECK(contains(late.err, "cachectl: --table NAME chooses one\n"));
    CHECK(client.integer({"DBSIZE"}) == 2);
}

TEST_CASE("a table without rows is none of several, and renamed ones are one") {
    const TempDir dir;
    const RedisServer server;
    const std::string one =
        dir.file("one.sql",
                 "CREATE TABLE `u` (`id` int) ENGINE=InnoDB;\nCREATE TABLE `t` (`id` int);\n"
                 "ALTER TABLE `t` RENAME TO `v`;\nINSERT INTO `v` VALUES (1);\n");
    for (const Words& more :
         {Words{}, Words{"--table", "v"}, Words{"--table", "v", "--expect", "1"}}) {
        Words words = {one, "--key", "k:{id}", "--ttl", "1h"};
        words.insert(words.end(), more.begin(), more.end());
        const ProcessResult result = warm(server, words);
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
    }
}
