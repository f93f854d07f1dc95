// --set, --sync and --switch: what is deleted and switched, and what stops that.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/release_stage.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

using Stage = ReleaseStage;

TEST_CASE("a release: loaded, pointed at, and the one before deleted, in this order") {
    Stage stage;
    const RunResult run = stage.run({"--switch", "c:now", "--yes"});
    CHECK(run.err == "");
    CHECK(run.code == 0);
    CHECK(contains(run.out,
                   "\n  2 keys read back as written\n  c:now switched to v42 (it was v41)\n"
                   "  --sync c:*: 2 stale keys deleted\n    4 keys kept\n"));
    CHECK(stage.names() == k_synced);
    CHECK(stage.client.keys["c:now"].value == "v42");
    CHECK_FALSE(stage.client.keys["c:now"].ttl_ms.has_value());
    const Lines lines = stage.client.lines();
    const auto at = [&](const std::string& prefix) {
        return std::find_if(lines.begin(), lines.end(),
                            [&](const std::string& line) { return line.starts_with(prefix); });
    };
    CHECK(at("SET c:v42:2") < at("SET c:now v42"));
    CHECK(at("SET c:now v42") < at("UNLINK c:v41"));
    CHECK(at("UNLINK c:v41") != lines.end());
}

TEST_CASE("a dry run says what the run will do, and changes nothing") {
    Stage stage;
    const Lines before = stage.names();
    const RunResult dry = stage.run({"--switch", "c:now", "--dry-run", "-o", "ndjson"});
    CHECK(dry.code == 0);
    CHECK(stage.names() == before);
    CHECK(stage.client.keys["c:now"].value == "v41");
    CHECK(contains(dry.out,
                   R"("switched":null,"would_switch":{"key":"c:now","from":"v41","to":"v42"},)"
                   R"("sync":{"patterns":["c:*"],"matched":6,"kept":4,"deleted":0,)"
                   R"("would_delete":2,"protected":0,)"));
    CHECK(contains(dry.out, R"("sample":[{"key":"c:v41:1"},{"key":"c:v41:9"}],"complete":true,)"));

    const RunResult run = stage.run({"--switch", "c:now", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(contains(run.out, R"("switched":{"key":"c:now","from":"v41","to":"v42"},)"
                            R"("sync":{"patterns":["c:*"],"matched":6,"kept":4,"deleted":2,)"));
    CHECK(contains(run.out,
                   R"("namespaces":{"c":2},"neighbours":[],"complete":true,"reason":null},)"));
    CHECK(stage.names() == k_synced);
}

TEST_CASE("a pointer that is as it is to be is not called switched") {
    Stage stage;
    stage.client.keys["c:now"].value = "v42";
    CHECK(
        contains(stage.run({"--switch", "c:now", "--dry-run"}).out, "\n  c:now is v42 already\n"));
    CHECK(contains(stage.run({"--switch", "c:now", "--yes"}).out, "\n  c:now is v42 already\n"));
}

TEST_CASE("--sync needs consent: --yes, or an answer to a question with the number") {
    {
        Stage stage;
        const RunResult run = stage.run({});
        CHECK(run.code == 8);
        CHECK_FALSE(run.connected);
        CHECK(contains(run.err, "add --yes, or try it with --dry-run"));
    }
    {
        Stage stage;
        const RunResult run =
            stage.run({"--switch", "c:now"}, {.terminal = true, .answers = {"n"}});
        CHECK(run.code == 8);
        REQUIRE(run.questions.size() == 1);
        CHECK(contains(run.questions[0], "About to delete 2 keys in database 0 on"));
        CHECK(contains(run.questions[0],
                       ": of 'c:*' those that no row of the input stands for; before that, "
                       "'c:now' is switched to 'v42'.\n"));
        CHECK(contains(run.questions[0], "For example c:v41:1\n            c:v41:9\n"));
        CHECK(contains(run.err, "--sync deleted nothing: it was not confirmed; 2 keys"));
        CHECK(contains(run.err, "the same command with --resume asks again; --yes stands"));
        CHECK_FALSE(contains(run.err, "go on with"));
        CHECK(stage.deletions() == 0);
        CHECK(stage.client.keys["c:now"].value == "v41");
    }
    Stage stage;
    CHECK(stage.run({"--switch", "c:now"}, {.terminal = true, .answers = {"y"}}).code == 0);
    CHECK(stage.names() == k_synced);
}

TEST_CASE("guards stand before the pointer and before every deletion") {
    struct Case {
        Lines more;
        int code;
        std::string id;
    };
    const std::vector<Case> cases = {
        {{"--max-keys", "1"}, 8, "guard-max-keys"},
        {{"--sync", "d:*"}, 8, "guard-sync-pattern"},
        {{"--sync", "c:{release}"}, 8, "guard-sync-pattern"},
        {{"--expect", "5.."}, 8, "guard-expect"},
        {{"--where", "id = 7", "--fail-if-none"}, 1, "none"},
    };
    for (const Case& each : cases) {
        Stage stage;
        Lines more = {"--switch", "c:now", "--yes", "-o", "ndjson"};
        more.insert(more.end(), each.more.begin(), each.more.end());
        const RunResult run = stage.run(more);
        CAPTURE(run.out);
        CAPTURE(run.err);
        CHECK(run.code == each.code);
        CHECK(contains(run.out, "\"id\":\"" + each.id + "\""));
        CHECK(contains(run.out, R"("switched":null)"));
        CHECK(contains(run.out, R"("deleted":0)"));
        CHECK_FALSE(contains(run.out, R"("complete":true)"));
        CHECK(stage.deletions() == 0);
        CHECK(stage.client.keys["c:now"].value == "v41");
    }
}

// The process that answers then has none of the keys that this run wrote.
TEST_CASE("another process in the middle of --sync: nothing more is deleted") {
    Stage stage;
    Lines names = {"c:v42:1", "c:v42:2"};
    for (int i = 10; i < 28; ++i) {
        names.push_back("c:v40:" + std::to_string(i));
        stage.client.keys[names.back()] = {};
    }
    stage.client.same_server_after_reconnect = false;
    int walks = 0;
    stage.client.on("SCAN", [&](const FakeClient::Args& args) {
        const std::size_t page = std::stoul(args[1]);
        walks += page == 0 ? 1 : 0;
        if (walks == 2 && page == 2) {
            return broken_reply();
        }
        const auto first = names.begin() + static_cast<std::ptrdiff_t>(page * 5);
        return Reply::make_array({Reply::make_string(std::to_string((page + 1) % 4)),
                                  text_replies(Lines(first, first + 5))});
    });
    const RunResult run = stage.run({"--yes"});
    CHECK(run.code == 5);
    CHECK(contains(run.err, "another server process answered"));
    CHECK(stage.client.keys.contains(names[10]));
    CHECK(stage.client.keys.contains(names.back()));
    CHECK_FALSE(stage.client.keys.contains(names[2]));
}

TEST_CASE("another process between the count and the deletions of --sync: nothing is deleted") {
    Stage stage;
    stage.client.keys["c:v40:1"] = {};
    stage.client.same_server_after_reconnect = false;
    stage.client.info.run_id = "one";
    stage.client.answer("INFO", Reply::make_string("run_id:one\r\n"));
    stage.client.on("SCAN", [&](const FakeClient::Args&) {
        // It is counted, and the connection is closed behind that.
        stage.client.answer("PING", broken_reply());
        return Reply::make_array(
            {Reply::make_string("0"), text_replies({"c:v42:1", "c:v42:2", "c:v40:1"})});
    });
    const RunResult run = stage.run({"--yes"});
    CAPTURE(run.err);
    CAPTURE(run.out);
    CHECK(run.code == 5);
    CHECK(contains(run.out, "nothing was deleted"));
    CHECK(stage.client.keys.contains("c:v40:1"));
    CHECK(stage.deletions() == 0);
}

TEST_CASE("--max-keys holds for what is deleted too, and nothing of it is") {
    Stage stage;
    for (int i = 0; i < 10; ++i) {
        stage.client.keys["c:v40:" + std::to_string(i)] = {};
    }
    const Lines more = {"--yes",     "--switch",  "c:now",
                        "--resume",  "--journal", (stage.dir.path() / "j").string(),
                        "--max-keys"};
    const auto at_most = [&](const std::string& keys) {
        Lines all = more;
        all.push_back(keys);
        return stage.run(all);
    };
    const RunResult run = at_most("11");
    CHECK(run.code == 8);
    CHECK(contains(run.err,
                   "error: --sync would delete 12 keys, more than --max-keys 11; 2 keys had "
                   "been written\n"));
    CHECK(stage.deletions() == 0);
    CHECK(stage.client.keys["c:now"].value == "v41");
    // The load need not be done again, but is compared.
    const RunResult again = at_most("12");
    CHECK(again.code == 0);
    CHECK(contains(again.err, "what the interrupted run wrote is looked at again"));
    CHECK(stage.client.count("SET c:v42:") == 2);
    CHECK(stage.names() == k_synced);
}

TEST_CASE("rows that were rejected may stand for any key: nothing is deleted") {
    Stage stage;
    const std::string bad = stage.dir.file("bad.csv", "id,v\n1,x\n,y\n3,z\n");
    stage.file = bad;
    const RunResult run =
        stage.run({"--max-errors", "5", "--yes", "--switch", "c:now", "-o", "ndjson"});
    CHECK(run.code == 8);
    CHECK(contains(run.out, R"("id":"guard-sync-rejected")"));
    CHECK(contains(
        run.out,
        R"("complete":false,"reason":"--sync deletes nothing, because 1 row was rejected)"));
    CHECK(stage.deletions() == 0);
    CHECK(stage.client.keys["c:now"].value == "v41");

    // Whoever allows bad rows has a complete load without them.
    stage.client.on("STRLEN", [](const FakeClient::Args&) { return Reply::make_integer(3); });
    const RunResult allowed =
        run_with(stage.client, {"warm", bad, "--key", "n:{id}", "--ttl", "1h", "--max-errors", "5",
                                "--switch", "c:now=v42"});
    CHECK(allowed.code == 0);
    CHECK(stage.client.keys["c:now"].value == "v42");
}

TEST_CASE("an empty file neither deletes nor switches, and neither does one of definitions") {
    Stage stage;
    stage.file = stage.dir.file("empty.csv", "id,v\n");
    const RunResult run = stage.run({"--yes", "--switch", "c:now", "-o", "ndjson"});
    CHECK(run.code == 8);
    CHECK(contains(run.out, R"("id":"guard-no-records")"));
    CHECK(stage.deletions() == 0);
    CHECK(stage.client.keys["c:now"].value == "v41");
    const std::string full = stage.dir.file("full.csv", "id,v\n1,x\n");
    CHECK(stage.run({full, "--yes"}).code == 8);
    CHECK(stage.deletions() == 0);

    stage.file = stage.dir.file("schema.sql", "CREATE TABLE t (id int, v text);\n");
    const std::string data = stage.dir.file("data.sql", "INSERT INTO t VALUES (1,'x'),(2,'y');\n");
    // Nobody can tell it from the dump of a table that has lost its rows.
    CHECK(stage.run({data, "--yes", "--switch", "c:now"}).code == 8);
    CHECK(stage.deletions() == 0);
    stage.file = stage.dir.file(
        "whole.sql", "CREATE TABLE t (id int, v text);\nINSERT INTO t VALUES (1,'x'),(2,'y');\n");
    CHECK(stage.run({"--yes", "--switch", "c:now"}).code == 0);
    CHECK(stage.names() == k_synced);
}

TEST_CASE("a table that was asked for and has no rows deletes nothing") {
    Stage stage;
    stage.file =
        stage.dir.file("two.sql",
                       "CREATE TABLE a (id int, v text);\nCREATE TABLE b (id int, v text);\n"
                       "INSERT INTO a VALUES (1,'x'),(2,'y');\n");
    const RunResult run = stage.run({"--yes", "--table", "a", "--table", "b"});
    CHECK(run.code == 8);
    CHECK(contains(run.err, "there are no records of table 'b'"));
    CHECK(stage.deletions() == 0);
}

TEST_CASE("what looks like the data of another program is named as every deletion names it") {
    Stage stage;
    stage.client.keys["PHPREDIS_SESSION:a"] = stage.client.keys["PHPREDIS_SESSION:b"] = {};
    const Lines synced = {"--sync", "PHPREDIS_*:*", "--key", "PHPREDIS_OF:{release}:{id}"};
    Lines words = {"warm", stage.file, "--ttl", "1h", "--set", "release=v42"};
    words.insert(words.end(), synced.begin(), synced.end());
    const auto run = [&](Lines more) {
        Lines all = words;
        all.insert(all.end(), more.begin(), more.end());
        return run_with(stage.client, all);
    };
    const RunResult dry = run({"--dry-run"});
    CHECK(contains(dry.out, "\n    among them 2 keys of "));
    CHECK(contains(run({"--dry-run", "-o", "ndjson"}).out, R"("neighbours":[{"name":)"));
    const RunResult real = run({"--yes"});
    CHECK(real.code == 0);
    CHECK(contains(real.out, "\n    among them 2 keys of "));
    CHECK(contains(real.out, "sessions, it seems\n"));
}
