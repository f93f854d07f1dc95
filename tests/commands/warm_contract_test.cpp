// What a pipeline relies on: does it fit, is it right, how is it gone on with.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::InfoFields;
using cachectl::Reply;

namespace {

using Lines = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

InfoFields memory(const std::string& used, const std::string& limit, const std::string& policy) {
    return InfoFields("used_memory:" + used + "\r\nmaxmemory:" + limit +
                      "\r\nmaxmemory_policy:" + policy + "\r\nevicted_keys:10\r\n");
}

}  // namespace

TEST_CASE("what does not fit sends no write, and asks which keys are there already") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    FakeClient client;
    client.info.info = memory("1000000", "1000100", "allkeys-lru");
    const Lines args = {"warm", file, "--key", "k:{id}", "--ttl", "1h"};
    const RunResult refused = run_with(client, args);
    CHECK(refused.code == 8);
    CHECK(client.lines() == Lines{"EXISTS k:1", "EXISTS k:2"});
    CHECK(refused.err ==
          "cachectl: error: the keys will take about 304 B, and there is room for 0 B: it uses "
          "976.6 KiB of 976.7 KiB, and its policy is allkeys-lru; nothing was written\n"
          "cachectl: write less (--where, --columns), raise maxmemory, or let the server evict "
          "other keys with --allow-eviction\n");

    client.keys["k:1"] = client.keys["k:2"] = {};
    client.on("INFO", [](const auto&) { return Reply::make_string("evicted_keys:10\r\n"); });
    const RunResult again = run_with(client, args);  // full, but nothing has to be added
    CHECK(again.code == 0);
    CHECK(contains(again.out, "\n  2 keys skipped: there already\n"));
}

TEST_CASE("evictions are counted from before the first key") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n");
    FakeClient client;
    client.info.info = memory("1000000", "100000000", "allkeys-lru");
    client.on("INFO", [](const FakeClient::Args& args) {
        CHECK(args[1] == "stats");
        return Reply::make_string("evicted_keys:12\r\n");
    });
    const RunResult run =
        run_with(client, {"warm", file, "--key", "k:{id}", "--ttl", "1h", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(contains(run.out, R"("evicted":2,)"));
    CHECK(run.err ==
          "cachectl: warning: the server evicted 2 keys meanwhile, whosever they were\n");
}

TEST_CASE("--verify: a value that is not what was written is listed, counted and exit 5") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n3,z\n");
    FakeClient client;
    client.on("GET", [&client](const FakeClient::Args& args) {
        if (!client.keys.contains(args[1])) {
            return Reply();
        }
        return Reply::make_string(args[1] == "k:2" ? "theirs" : client.keys[args[1]].value);
    });
    const Lines args = {"warm", file,    "--key", "k:{id}",  "--value",
                        "{v}",  "--ttl", "1h",    "--verify"};
    const RunResult run = run_with(client, args);
    CHECK(run.code == 5);
    CHECK(contains(run.out,
                   "\n  2 keys read back as written\n  1 key read back as something else\n"));
    CHECK(run.err ==
          "cachectl: warning: 'k:2' is not what was written: it differs from byte 1 on, and has 6 "
          "of them instead of 1; another client may have written it\n"
          "cachectl: error: not every key that was written could be verified\n");
    client.keys.clear();
    Lines as_json = args;
    as_json.insert(as_json.end(), {"-o", "ndjson"});
    CHECK(contains(run_with(client, as_json).out,
                   R"("verified":2,"mismatched":1,"gone":0,"expired":0,"unread":0,)"));
}

TEST_CASE("--verify and --verify-sample contradict each other") {
    FakeClient client;
    CHECK(run_with(client, {"warm", "f", "--verify", "--verify-sample", "5%"}).code == 2);
    CHECK_FALSE(run_with(client, {"warm", "f", "--verify-sample", "101%"}).connected);
}

TEST_CASE("--resume sends what is behind the last key that was answered for") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n3,z\n4,w\n");
    const std::string journal = (dir.path() / "j").string();
    const Lines args = {"warm",  file, "--key",     "k:{id}", "--value", "{v}",
                        "--ttl", "1h", "--journal", journal,  "--resume"};
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& set) {
        if (set[1] == "k:3") {
            return Reply::make_error("OOM command not allowed");
        }
        return Reply::make_status("OK");
    });
    const RunResult stopped = run_with(client, args);
    CHECK(stopped.code == 5);
    CHECK(contains(stopped.err, "go on with: cachectl warm … --resume"));

    FakeClient second;
    for (const char* key : {"k:1", "k:2"}) {
        second.keys[key] = {.value = "x"};
    }
    const RunResult run = run_with(second, args);
    CHECK(run.code == 0);
    // k:4 was answered for as well, and has gone since.
    CHECK(second.lines() == Lines{"EXISTS k:1", "EXISTS k:2", "SET k:3 z PX 3600000 NX",
                                  "EXISTS k:4", "SET k:4 w PX 3600000 NX"});
    CHECK(contains(run.out, "\n  went on behind 2 keys of an interrupted run\n"));
    CHECK(read_file(journal).empty());
}

TEST_CASE("--resume on another server process sends all again, as --if-exists says") {
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n3,z\n");
    const std::string journal = (dir.path() / "j").string();
    const Lines args = {"warm",        file,        "--key",   "k:{id}",    "--value",
                        "{v}",         "--ttl",     "1h",      "--journal", journal,
                        "--if-exists", "overwrite", "--resume"};
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& set) {
        if (set[1] == "k:3") {
            return Reply::make_error("OOM command not allowed");
        }
        return Reply::make_status("OK");
    });
    CHECK(run_with(client, args).code == 5);
    FakeClient restarted;
    restarted.info.run_id = "another";
    const RunResult run = run_with(restarted, args);
    CHECK(run.code == 0);
    CHECK(restarted.lines() ==
          Lines{"SET k:1 x PX 3600000", "SET k:2 y PX 3600000", "SET k:3 z PX 3600000"});
    CHECK(contains(run.err, "nothing of that run is passed over"));
    CHECK_FALSE(contains(run.out, "went on behind"));
}
