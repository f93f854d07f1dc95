// --set, --sync and --switch: what is deleted and switched, and what stops that.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

using Lines = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A cache with an old release, and the rows of the new one.
struct Stage {
    TempDir dir;
    std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    FakeClient client;

    Stage() {
        client.keys["c:v41:1"] = client.keys["c:v41:9"] = client.keys["other:1"] = {};
        client.keys["c:now"] = {.value = "v41"};
        client.keys["c:v41:5:cachectl:0123456789abcdef"] = {};
        client.on("STRLEN", [this](const FakeClient::Args& args) {
            const auto found = client.keys.find(args[1]);
            return Reply::make_integer(found == client.keys.end()
                                           ? 0
                                           : static_cast<std::int64_t>(found->second.value.size()));
        });
    }
    [[nodiscard]] Lines words(const Lines& more) const {
        Lines all = {"warm", file,    "--key",       "c:{release}:{id}", "--ttl",
                     "1h",   "--set", "release=v42", "--sync",           "c:*"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    RunResult run(const Lines& more, RunOptions options = {}) {
        return run_with(client, words(more), std::move(options));
    }
    [[nodiscard]] std::size_t deletions() const {
        return client.count("UNLINK") + client.count("DEL");
    }
    [[nodiscard]] Lines names() const {
        Lines names;
        for (const auto& [name, key] : client.keys) names.push_back(name);
        return names;
    }
};

const Lines k_synced = {"c:now", "c:v41:5:cachectl:0123456789abcdef", "c:v42:1", "c:v42:2",
                        "other:1"};

}  // namespace

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
                   R"("sync":{"patterns":["c:*"],"matched":4,"kept":2,"deleted":0,)"
                   R"("would_delete":2,"protected":0,)"));
    CHECK(contains(dry.out, R"("sample":[{"key":"c:v41:1"},{"key":"c:v41:9"}],"complete":true,)"));

    const RunResult run = stage.run({"--switch", "c:now", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(contains(run.out, R"("switched":{"key":"c:now","from":"v41","to":"v42"},)"
                            R"("sync":{"patterns":["c:*"],"matched":6,"kept":4,"deleted":2,)"));
    CHECK(contains(run.out, R"("namespaces":{"c":2},"complete":true,"reason":null},)"));
    CHECK(stage.names() == k_synced);
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
        CHECK(contains(run.err,
                       "--sync deleted nothing: it was not confirmed; 2 keys had been written"));
        CHECK(contains(run.err, "the same command with --resume asks again; --yes stands for"));
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

TEST_CASE("--max-keys holds for what is deleted too, and nothing of it is") {
    Stage stage;
    for (int i = 0; i < 10; ++i) stage.client.keys["c:v40:" + std::to_string(i)] = {};
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
          "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 'z';", "CALL fill();"}) {
        refused("elsewhere.sql", rows + statement + "\n");
    }
    refused("psql.sql", "SET client_encoding = 'UTF8';\n" + rows + "\\i more.sql\n");
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
            if (args[1] == refused) return Reply::make_error("OOM command not allowed");
            client.keys[args[1]] = {.value = args[2], .ttl_ms = 3'600'000};
            return Reply::make_status("OK");
        });
        if (value.empty()) return;
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
        if (args[1] == "c:now") return Reply::make_error("OOM command not allowed");
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
        if (set[1] == "k:2") return Reply::make_error("OOM command not allowed");
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
