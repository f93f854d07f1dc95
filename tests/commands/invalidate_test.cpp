#include <doctest/doctest.h>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

TEST_CASE("with --yes it is one walk, and the UNLINKs of a page go with the next SCAN") {
    FakeClient client = shared_cache();
    client.scan_page = 3;
    const RunResult run = run_with(client, {"invalidate", "course:*", "menu:*", "--yes"});
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    CHECK(without_time(run.out) ==
          "deleted 3 of 3 keys on 127.0.0.1:6379 in T\n"
          "\n"
          "NAMESPACE  KEYS\n"
          "course        2\n"
          "menu          1\n");
    CHECK(without_measuring(client.lines()) ==
          std::vector<std::string>{"SCAN 0 COUNT 500", "SCAN 3 COUNT 500",
                                   "UNLINK course:1 course:2 menu:1"});
}

TEST_CASE("a deletion touches nothing else") {
    FakeClient client = shared_cache();
    CHECK(run_with(client, {"invalidate", "course:*", "--yes"}).code == 0);
    CHECK(without_measuring(client.lines()) ==
          std::vector<std::string>{"SCAN 0 COUNT 500 MATCH course:*", "UNLINK course:1 course:2"});
    CHECK(client.keys.size() == 2);
}

TEST_CASE("the JSON summary has the contract's fields") {
    FakeClient client = shared_cache();
    const RunResult run = run_with(client, {"invalidate", "course:*", "sess:*", "--protect",
                                            "sess:*", "--yes", "-n", "2", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(without_time(run.out) ==
          R"({"command":"invalidate","context":null,"target":"127.0.0.1:6379/2","database":2,)"
          R"("started_at":"2023-11-14T22:13:20Z","patterns":["course:*","sess:*"],)"
          R"("dry_run":false,"matched":3,)"
          R"("deleted":2,"protected":1,"vanished":0,"failed":0,"unknown":0,"not_attempted":0,)"
          R"("namespaces":{"course":2},"neighbours":[],"complete":true,"elapsed_ms":T})"
          "\n");
}

TEST_CASE("without a terminal it needs --yes, and sends nothing before") {
    FakeClient client = shared_cache();
    const RunResult run = run_with(client, {"invalidate", "course:*"});
    CHECK(run.code == 8);
    CHECK(run.out.empty());
    CHECK(run.err ==
          "cachectl: error: to delete keys must be confirmed, and there is no terminal to ask on; "
          "nothing was sent\n"
          "cachectl: add --yes, or try it with --dry-run\n");
    CHECK_FALSE(run.connected);
}

TEST_CASE("a pattern that may mean everything needs --all besides") {
    FakeClient client = shared_cache();
    for (const char* pattern : {"", "*", "**", "?*"}) {
        const RunResult run = run_with(client, {"invalidate", pattern, "--yes"});
        CHECK(run.code == 8);
        CHECK_FALSE(run.connected);
    }
    CHECK(run_with(client, {"invalidate", "*", "--all", "--yes"}).code == 0);
    CHECK(client.keys.empty());
}

TEST_CASE("what cannot mean what it says is a usage error, and nothing is sent") {
    FakeClient client = shared_cache();
    CHECK(run_with(client, {"invalidate", "--yes"}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:[1", "--yes"}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--protect", ""}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--protect", "a["}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--exclude", ""}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--max-keys", "-1"}).code == 2);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--policy", "/no/such"}).code == 2);
    const RunResult run = run_with(client, {"invalidate", "course:*", "--dryrun"});
    CHECK(run.code == 2);
    CHECK(run.err.find("did you mean --dry-run?") != std::string::npos);
    CHECK(client.lines().empty());
}

TEST_CASE("a dry run walks, shows a sample and changes nothing") {
    FakeClient client = shared_cache();
    client.keys["course:\x1b[2J"] = {};
    const RunResult run =
        run_with(client, {"invalidate", "course:*", "--dry-run", "--protect", "course:2"});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "would delete 2 of 3 keys on 127.0.0.1:6379 (dry run: nothing was changed)\n"
          "  1 protected key would be spared\n"
          "\n"
          "for example:\n"
          "  course:\\x1b[2J\n"
          "  course:1\n"
          "\n"
          "NAMESPACE  KEYS\n"
          "course        2\n");
    CHECK(client.lines() == std::vector<std::string>{"SCAN 0 COUNT 500 MATCH course:*"});
    const RunResult json = run_with(
        client, {"invalidate", "course:*", "--dry-run", "-o", "ndjson", "--protect", "course:2"});
    CHECK(
        without_time(json.out) ==
        R"({"command":"invalidate","context":null,"target":"127.0.0.1:6379","database":0,)"
        R"("started_at":"2023-11-14T22:13:20Z","patterns":["course:*"],)"
        R"("dry_run":true,"matched":3,)"
        R"("deleted":0,"would_delete":2,"protected":1,"vanished":0,"failed":0,"unknown":0,"not_attempted":0,)"
        R"("namespaces":{"course":2},"neighbours":[],"complete":true,"elapsed_ms":T})"
        "\n");
}

TEST_CASE("on a terminal it counts, asks, and deletes after a yes") {
    FakeClient client = shared_cache();
    const RunResult run = run_with(client, {"invalidate", "course:*", "sess:*", "--protect", "se*"},
                                   {.terminal = true, .answers = {"yes"}});
    CHECK(run.code == 0);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0] ==
          "About to delete 2 keys in database 0 on 127.0.0.1:6379.\n"
          "  course             2\n"
          "1 protected key will be spared.\n"
          "Go on? [y/N] ");
    CHECK(without_time(run.out) ==
          "deleted 2 of 3 keys on 127.0.0.1:6379 in T\n"
          "  1 protected key spared\n"
          "\n"
          "NAMESPACE  KEYS  SHARE\n"
          "course        2  ████████████████████████\n");
    CHECK(client.keys.contains("sess:a"));
}

TEST_CASE("no, or no answer, leaves everything as it is") {
    FakeClient client = shared_cache();
    for (const std::vector<std::string>& answers : {std::vector<std::string>{"n"}, {""}, {}}) {
        const RunResult run =
            run_with(client, {"invalidate", "course:*"}, {.terminal = true, .answers = answers});
        CHECK(run.code == 8);
        CHECK(run.out.empty());
        CHECK(run.err == "cachectl: error: not confirmed; nothing was changed\n");
    }
    CHECK(client.count("UNLINK") == 0);
}

TEST_CASE("nothing matches: no question, and --fail-if-none makes it an answer") {
    FakeClient client = shared_cache();
    const RunResult run = run_with(client, {"invalidate", "none:*"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.questions.empty());
    CHECK(run.out == "no key matches on 127.0.0.1:6379\n");
    CHECK(run_with(client, {"invalidate", "none:*", "--yes", "--fail-if-none"}).code == 1);
    CHECK(run_with(client, {"invalidate", "menu:*", "--yes", "--fail-if-none"}).code == 0);
}

TEST_CASE("--max-keys and --expect are checked before the first delete") {
    FakeClient client = shared_cache();
    const RunResult run = run_with(client, {"invalidate", "course:*", "--yes", "--max-keys", "1"});
    CHECK(run.code == 8);
    CHECK(run.err ==
          "cachectl: error: 2 keys match, more than --max-keys 1; nothing was changed\n");
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--expect", "3..9"}).code == 8);
    CHECK(run_with(client, {"invalidate", "x*", "--yes", "--expect", "1.."}).code == 8);
    CHECK(run_with(client, {"invalidate", "course:*", "--dry-run", "--max-keys", "1"}).code == 8);
    CHECK(client.count("UNLINK") == 0);
    CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--max-keys", "2"}).code == 0);
    CHECK(client.count("UNLINK") == 1);
}

TEST_CASE("keys that come between counting and deleting do not get past --max-keys") {
    FakeClient client;
    for (int i = 0; i < 600; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {};
    }
    client.scan_page = 600;
    int scans = 0;
    client.on("SCAN", [&](const FakeClient::Args&) {
        std::vector<Reply> keys;
        const int count = ++scans == 1 ? 600 : 700;
        for (int i = 0; i < count; ++i) {
            keys.push_back(Reply::make_string("k:" + std::to_string(10'000 + i)));
        }
        return Reply::make_array({Reply::make_string("0"), Reply::make_array(std::move(keys))});
    });
    const RunResult run =
        run_with(client, {"invalidate", "k:*", "--yes", "--max-keys", "650", "--pace", "full"});
    CHECK(run.code == 8);
    CHECK(run.err ==
          "cachectl: error: more keys match than the 650 that were allowed when they were counted; "
          "nothing was changed\n");
    CHECK(client.count("UNLINK") == 0);
    CHECK(
        without_time(run.out).starts_with("deleted 0 of 700 keys on 127.0.0.1:6379 in T\n"
                                          "  700 keys not attempted\n"));
}

TEST_CASE("the context, the policy and --protect protect together") {
    TempDir dir;
    const std::string policy = dir.file(
        "policy.json", R"({"delimiter": "/", "keys": [{"pattern": "sess:*", "protected": true}]})");
    dir.file("cachectl.json",
             R"({"default_context": "c", "contexts": {"c": {"protect": ["menu:*"]}}})");
    FakeClient client = shared_cache();
    client.keys["a/b"] = {};
    const RunResult run = run_with(
        client, {"invalidate", "*", "--all", "--yes", "--policy", policy, "--protect", "course:1",
                 "--config", (dir.path() / "cachectl.json").string(), "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(client.keys.size() == 3);
    CHECK(client.keys.contains("sess:a"));
    CHECK(client.keys.contains("menu:1"));
    CHECK(client.keys.contains("course:1"));
    CHECK(run.out.find(R"("protected":3,)") != std::string::npos);
    CHECK(run.out.find("\"namespaces\":{\"(none)\":1,\"a\":1}") != std::string::npos);
}

TEST_CASE("a context with confirm: always wants its name typed, or the server's as a flag") {
    TempDir dir;
    const std::string config = dir.file(
        "c.json", R"({"default_context": "prod", "contexts": {"prod": {"confirm": "always"}}})");
    FakeClient client = shared_cache();
    const std::vector<std::string> base = {"invalidate", "course:*", "--config", config};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), base.begin(), base.end());
        return more;
    };
    RunResult run = run_with(client, with({"--yes"}));
    CHECK(run.code == 8);
    CHECK_FALSE(run.connected);
    run = run_with(client, with({"--confirm", "other"}));
    CHECK(run.code == 8);
    CHECK_FALSE(run.connected);
    run = run_with(client, with({}), {.terminal = true, .answers = {"yes"}});
    CHECK(run.code == 8);
    CHECK(client.count("UNLINK") == 0);
    run = run_with(client, with({}), {.terminal = true, .answers = {"prod"}});
    CHECK(run.code == 0);
    CHECK(client.count("UNLINK") == 1);
    CHECK(run_with(client, with({"--confirm", "127.0.0.1:6379"})).code == 0);
}

TEST_CASE("batches are of at most 500 keys and some 64 KiB, at full pace") {
    FakeClient client;
    for (int i = 0; i < 900; ++i) {
        client.keys["k:" + std::to_string(1000 + i)] = {};
    }
    CHECK(run_with(client, {"invalidate", "k:*", "--yes", "--pace", "full"}).code == 0);
    CHECK(client.count("UNLINK") == 2);
    FakeClient small;
    for (int i = 0; i < 900; ++i) {
        small.keys["k:" + std::to_string(1000 + i)] = {};
    }
    CHECK(run_with(small, {"invalidate", "k:*", "--yes"}).code == 0);
    CHECK(small.count("UNLINK") == 9);  // a fraction of a millisecond each
    FakeClient large;
    for (int i = 0; i < 4; ++i) {
        large.keys[std::to_string(i) + std::string(40'000, 'x')] = {};
    }
    CHECK(run_with(large, {"invalidate", "?x*", "--yes"}).code == 0);
    CHECK(large.count("UNLINK") == 2);
}

TEST_CASE("DEL only with --allow-del") {
    for (const char* reply : {"ERR unknown command 'UNLINK', with args beginning with: 'course:1'",
                              "NOPERM User app has no permissions to run the 'unlink' command"}) {
        FakeClient client = shared_cache();
        client.on("UNLINK", [&](const FakeClient::Args&) { return Reply::make_error(reply); });
        CHECK(run_with(client, {"invalidate", "course:*", "--yes"}).code == 4);
        CHECK(client.count("DEL") == 0);
        CHECK(run_with(client, {"invalidate", "course:*", "--yes", "--allow-del"}).code == 0);
        CHECK(client.count("DEL") == 1);
        CHECK(client.keys.size() == 2);
    }
}

TEST_CASE("DEL is not sent for what would hold the server") {
    FakeClient client = shared_cache();
    client.on("UNLINK", [](const FakeClient::Args&) {
        return Reply::make_error("ERR unknown command 'UNLINK'");
    });
    client.keys["course:hash"] = {.type = "hash", .size_bytes = 90'000'000};
    client.keys["course:text"] = {.type = "string", .size_bytes = 90'000'000};
    const RunResult result = run_with(client, {"invalidate", "course:*", "--yes", "--allow-del"});
    CHECK(result.code == 5);
    CHECK(result.err.find("'course:hash' is too large for DEL, which would hold the server") !=
          std::string::npos);
    CHECK(result.err.find("the server says") == std::string::npos);
    CHECK(client.keys.contains("course:hash"));
    CHECK(client.keys.contains("course:text"));
    CHECK(client.keys.size() == 4);
}

TEST_CASE("where sizes are not told, DEL is not sent") {
    FakeClient client = shared_cache();
    client.on("UNLINK", [](const FakeClient::Args&) {
        return Reply::make_error("ERR unknown command 'UNLINK'");
    });
    client.on("MEMORY", [](const FakeClient::Args&) {
        return Reply::make_error(
            "NOPERM User app has no permissions to run the 'memory|usage' "
            "command");
    });
    const RunResult result = run_with(client, {"invalidate", "course:*", "--yes", "--allow-del"});
    CHECK(result.code == 4);
    CHECK(result.err.find("cannot tell which keys are too large for DEL") != std::string::npos);
    CHECK(client.count("DEL") == 0);
}

TEST_CASE("the filters of keys choose here too") {
    FakeClient client = shared_cache();
    CHECK(run_with(client, {"invalidate", "*", "--all", "--no-ttl", "--yes"}).code == 0);
    CHECK(client.keys.size() == 2);
    CHECK(client.keys.contains("course:1"));
    CHECK(client.keys.contains("sess:a"));
    CHECK(run_with(client, {"invalidate", "c*", "s*", "--limit", "1", "--yes"}).code == 0);
    CHECK(client.keys.size() == 1);
}
