// --sync and --switch: what may not be deleted, and pointers that are refused.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/release_stage.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

using Stage = ReleaseStage;

TEST_CASE("an input that may lack rows deletes nothing") {
    const auto refused = [](const std::string& name, const std::string& text) {
        Stage stage;
        stage.file = stage.dir.file(name, text);
        const RunResult run = stage.run({"--yes"});
        CAPTURE(text);
        CHECK(run.code == 8);
        CHECK(contains(run.err, "--sync deletes nothing, because rows may be missing: "));
        CHECK(stage.deletions() == 0);
    };
    refused("cut.csv", "id,v\n1,x\n2,y");
    const std::string rows =
        "CREATE TABLE t (id int, v text);\nINSERT INTO t VALUES (1,'x'),(2,'y');\n";
    refused("edited.sql", rows + "UPDATE t SET id = 5 WHERE id = 2;\n");
    for (const std::string statement :
         {"LOAD DATA INFILE 'x' INTO TABLE t;", "MERGE INTO t USING u ON t.id = u.id;",
          "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 'z';", "CALL fill();",
          "BEGIN; INSERT INTO t VALUES (3,'z'); ROLLBACK;", "CREATE TABLE u AS SELECT 1;",
          "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u;",
          "mysqldump: Error 2013: Lost connection to server during query at row: 2"}) {
        refused("elsewhere.sql", rows + statement + "\n");
    }
    for (const std::string command :
         {"\\i more.sql", "SELECT 'INSERT INTO t VALUES (3)' \\gexec", "\\if true\n\\endif"}) {
        refused("psql.sql", "SET client_encoding = 'UTF8';\n" + rows + command + "\n");
    }
    refused("mysql.sql", "SET NAMES utf8mb4;\n-- MySQL dump 10.13\n" + rows +
                             "\\. more.sql\n-- Dump completed\n");
    const std::string pragma = "PRAGMA foreign_keys=OFF;\n";
    refused("sqlite.sql", pragma + rows + ".read more.sql\n");
    refused("sqlite.sql", pragma + rows + ".import more.csv t\n");
}

TEST_CASE("an input that may lack rows switches nothing, though nothing is to be deleted") {
    for (const std::string text :
         {"mysqldump: Error 2013: Lost connection to server during query at row: 2",
          "\\. more.sql"}) {
        Stage stage;
        const std::string file =
            stage.dir.file("a.sql",
                           "SET NAMES utf8mb4;\n-- MySQL dump 10.13\nCREATE TABLE `t` (`id` int);\n"
                           "INSERT INTO `t` VALUES (1);\n" +
                               text + "\n-- Dump completed\n");
        const RunResult run =
            run_with(stage.client, {"warm", file, "--key", "c:{release}:{id}", "--ttl", "1h",
                                    "--set", "release=v42", "--switch", "c:now"});
        CHECK(run.code == 8);
        CHECK(contains(run.err,
                       "--switch leaves the pointer as it is, because rows may be missing: "));
        CHECK(stage.client.count("SET c:now") == 0);
    }
}

TEST_CASE("protected keys stay, and a protected pointer is refused before anything is sent") {
    Stage stage;
    const RunResult run = stage.run({"--yes", "--switch", "c:now", "--protect", "c:v41:9"});
    CHECK(run.code == 0);
    CHECK(contains(run.out, "1 stale key deleted\n    4 keys kept\n    1 protected key spared\n"));
    CHECK(stage.client.keys.contains("c:v41:9"));
    const RunResult pointer = stage.run({"--yes", "--switch", "c:now", "--protect", "*:now"});
    CHECK(pointer.code == 8);
    CHECK_FALSE(pointer.connected);
}

TEST_CASE("a pointer is not switched to a release with a protected key of before") {
    const Lines more = {"--yes", "--switch", "c:now", "--protect", "c:v42:2", "-o", "ndjson"};
    Stage stage;
    stage.client.keys["c:v42:2"] = {.value = "STALE"};
    const RunResult run = stage.run(more);
    CHECK(run.code == 8);
    CHECK(contains(run.out, R"("id":"guard-switch","message":"--switch: 'c:v42:2' is protected, )"
                            R"(was there and differs from the input: 'c:now' is not switched; )"
                            R"(1 key had been written")"));
    CHECK(contains(run.out, R"("protected":1,)"));
    CHECK(stage.client.keys["c:now"].value == "v41");
    CHECK(stage.client.keys["c:v42:2"].value == "STALE");
    CHECK(stage.deletions() == 0);

    // What is there as the input has it is loaded: the same release can be made again.
    Stage again;
    again.client.keys["c:v42:2"] = {.value = R"({"id":"2","v":"y"})"};
    CHECK(again.run(more).code == 0);
    CHECK(again.client.keys["c:now"].value == "v42");
}

TEST_CASE("a pointer that is no string is refused before the first key is written") {
    Stage stage;
    stage.client.on("STRLEN", [](const FakeClient::Args&) {
        return Reply::make_error(
            "WRONGTYPE Operation against a key holding the wrong kind of value");
    });
    const RunResult run = stage.run({"--yes", "--switch", "c:now"});
    CHECK(run.code == 8);
    CHECK(contains(run.err, "--switch: 'c:now' is there and is no string; nothing was written"));
    CHECK(stage.client.count("SET") == 0);
}

TEST_CASE("a pointer that a row makes, or that is no string, is refused") {
    Stage stage;
    CHECK(stage.run({"--yes", "--switch", "c:v42:2"}).code == 8);
    CHECK(stage.deletions() == 0);
    stage.client.on("STRLEN", [](const FakeClient::Args&) {
        return Reply::make_error(
            "WRONGTYPE Operation against a key holding the wrong kind of value");
    });
    const RunResult run = stage.run({"--yes", "--switch", "c:now"});
    CHECK(run.code == 8);
    CHECK(contains(run.err, "--switch: 'c:now' is there and is no string"));
    CHECK(stage.deletions() == 0);
    CHECK(stage.client.count("SET c:now") == 0);
}

TEST_CASE("what differs when it is read back switches nothing and deletes nothing") {
    Stage stage;
    stage.client.on("GET", [](const FakeClient::Args&) { return Reply::make_string("theirs"); });
    const RunResult run = stage.run({"--yes", "--switch", "c:now"});
    CHECK(run.code == 5);
    CHECK(stage.client.count("SET c:now") == 0);
    CHECK(stage.deletions() == 0);
    CHECK(contains(run.out,
                   "  c:now not switched to v42\n  --sync c:*: nothing was deleted: the load "
                   "is not complete\n"));
}

TEST_CASE("a run that goes on takes no key for right that differed when it was read back") {
    Stage stage;
    const std::string journal = (stage.dir.path() / "j").string();
    const auto on = [&](FakeClient& client, const std::string& refused, const std::string& value) {
        client.on("SET", [&client, refused](const FakeClient::Args& args) {
            if (args[1] == refused) {
                return Reply::make_error("OOM command not allowed");
            }
            client.keys[args[1]] = {.value = args[2], .ttl_ms = 3'600'000};
            return Reply::make_status("OK");
        });
        if (value.empty()) {
            return;
        }
        client.on("GET", [value](const FakeClient::Args&) { return Reply::make_string(value); });
    };
    const Lines args = {"warm", stage.file, "--key",    "k:{id}",    "--ttl",
                        "1h",   "--resume", "--verify", "--journal", journal};
    FakeClient first;
    on(first, "k:2", "theirs");
    CHECK(run_with(first, args).code == 5);
    FakeClient second;
    on(second, "", "");
    CHECK(run_with(second, args).code == 0);
    CHECK(second.count("SET k:1") == 1);
}

TEST_CASE("a pointer that the server does not take leaves the release before it as it is") {
    Stage stage;
    const auto set = [&](const FakeClient::Args& args) {
        if (args[1] == "c:now") {
            return Reply::make_error("OOM command not allowed");
        }
        stage.client.keys[args[1]] = {.value = args[2], .ttl_ms = 3'600'000};
        return Reply::make_status("OK");
    };
    stage.client.on("SET", set);
    const RunResult run = stage.run({"--yes", "--switch", "c:now=v42"});
    CHECK(run.code == 5);
    CHECK(stage.deletions() == 0);
    CAPTURE(run.err);
    CHECK(contains(run.err, "cannot switch c:now"));
}

TEST_CASE("a pattern that every key matches is refused before anything is sent") {
    Stage stage;
    const RunResult run = run_with(stage.client, stage.words({"--yes", "--sync", "*"}));
    CHECK(run.code == 8);
    CHECK_FALSE(run.connected);
}

TEST_CASE("a dry run of what is refused does not say that the pointer would be switched") {
    Stage stage;
    const RunResult run =
        stage.run({"--switch", "c:now", "--where", "id = 7", "--dry-run", "-o", "ndjson"});
    CHECK(run.code == 8);
    CHECK(contains(run.out, R"("switched":null,"would_switch":null,)"));
    CHECK(contains(run.out, R"("reason":"--where is true of no record)"));
}

TEST_CASE(
    "keys that a run without --switch wrote are written and read back again for one with it") {
    Stage stage;
    const std::string journal = (stage.dir.path() / "j").string();
    const Lines args = {"warm", stage.file, "--key",     "k:{id}", "--ttl",
                        "1h",   "--resume", "--journal", journal};
    stage.client.on("SET", [](const FakeClient::Args& set) {
        if (set[1] == "k:2") {
            return Reply::make_error("OOM command not allowed");
        }
        return Reply::make_status("OK");
    });
    CHECK(run_with(stage.client, args).code == 5);
    Stage second;
    Lines more = args;
    more.insert(more.end(), {"--switch", "now=1"});
    CHECK(run_with(second.client, more).code == 0);
    CHECK(second.client.count("SET k:1") == 1);
    CHECK(second.client.keys["now"].value == "1");
}

TEST_CASE("--set: an unused name, a column of its name and a template without a column") {
    Stage stage;
    CHECK(stage.run({"--yes", "--set", "other=1"}).code == 2);
    CHECK(stage.run({"--yes", "--set", "release"}).code == 2);
    FakeClient client;
    CHECK(
        run_with(client, {"warm", stage.file, "--key", "c:{release}", "--set", "release=1"}).code ==
        2);
    const RunResult clash =
        run_with(client, {"warm", stage.file, "--key", "{v}:{id}", "--set", "v=1", "--ttl", "1h"});
    CHECK(clash.code == 6);
    CHECK(contains(clash.err, "'{v}' is set to a value, and the rows have a column of that name"));
    CHECK(client.count("SET") == 0);
    CHECK(
        run_with(client, {"warm", stage.file, "--key", "{r}:{id}", "--set", "r={v}", "--ttl", "1h"})
            .code == 0);
    CHECK(client.keys.contains("{v}:1"));
}

TEST_CASE("a manifest has set, sync and switch too") {
    Stage stage;
    const std::string manifest = stage.dir.file("m.json", R"({
  "set": {"release": "v40"}, "sync": "c:*", "switch": "c:now={release}",
  "datasets": [{"file": "a.csv", "key": "c:{release}:{id}", "ttl": "1h"}]})");
    const Lines args = {"warm", "--manifest", manifest, "--set", "release=v42"};
    CHECK(run_with(stage.client, args).code == 8);
    Lines sure = args;
    sure.emplace_back("--yes");
    CHECK(run_with(stage.client, sure).code == 0);
    CHECK(stage.names() == k_synced);
    CHECK(stage.client.keys["c:now"].value == "v42");
    sure.insert(sure.end(), {"--switch", "c:now"});
    CHECK(run_with(stage.client, sure).code == 2);
}
