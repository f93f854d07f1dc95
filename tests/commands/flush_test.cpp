#include <doctest/doctest.h>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

using Lines = std::vector<std::string>;

FakeClient shared_redis() {
    FakeClient client;
    client.keys["course:1"] = {};
    client.keys["course:2"] = {};
    client.keys["courses"] = {};
    client.keys["sess:a"] = {};
    return client;
}

Reply lost() {
    Reply reply;
    reply.type = Reply::Type::lost;
    reply.text = "no reply to FLUSHDB in 10 s";
    return reply;
}

Reply keyspace(const FakeClient::Args&) {
    return Reply::make_string(
        "# Keyspace\r\ndb0:keys=4,expires=1,avg_ttl=7\r\ndb12:keys=6,expires=0,avg_ttl=0\r\n");
}

}  // namespace

TEST_CASE("a namespace is what starts with its name and the delimiter") {
    for (const char* name : {"course", "course:"}) {
        FakeClient client = shared_redis();
        const RunResult run = run_with(client, {"flush", name, "--yes", "-o", "ndjson"});
        CHECK(run.code == 0);
        CHECK(without_measuring(client.lines()) ==
              Lines{"SCAN 0 COUNT 500 MATCH course:*", "UNLINK course:1 course:2"});
        CHECK(
            without_time(run.out) ==
            R"({"command":"flush","context":null,"target":"127.0.0.1:6379","database":0,)"
            R"("started_at":"2023-11-14T22:13:20Z","namespaces_asked":[")" +
                std::string(name) +
                R"("],"dry_run":false,"matched":2,)"
                R"("deleted":2,"protected":0,"vanished":0,"failed":0,"unknown":0,)"
                R"("not_attempted":0,"namespaces":{"course":2},"neighbours":[],"complete":true,"elapsed_ms":T})"
                "\n");
    }
}

TEST_CASE("the delimiter is the flag's, else the policy's") {
    TempDir dir;
    const std::string policy =
        dir.file("policy.json", R"({"delimiter": "/", "keys": [{"pattern": "*"}]})");
    FakeClient client;
    client.keys["a/1"] = {};
    client.keys["a|1"] = {};
    client.keys["a:1"] = {};
    CHECK(run_with(client, {"flush", "a", "--yes", "--policy", policy}).code == 0);
    CHECK(client.count("UNLINK a/1") == 1);
    CHECK(run_with(client, {"flush", "a", "--yes", "--policy", policy, "--delimiter", "|"}).code ==
          0);
    CHECK(client.keys.size() == 1);
    CHECK(client.keys.contains("a:1"));
}

TEST_CASE("a namespace with glob characters, or an empty one, is refused before anything is sent") {
    FakeClient client = shared_redis();
    const RunResult glob = run_with(client, {"flush", "cour*", "--yes"});
    CHECK(glob.code == 2);
    CHECK(glob.err.find(R"(cachectl invalidate 'cour\*:*')") != std::string::npos);
    const RunResult all = run_with(client, {"flush", "course:*", "--yes"});
    CHECK(all.code == 2);
    CHECK(all.err.find("all of a namespace is its name alone: cachectl flush 'course'\n") !=
          std::string::npos);
    CHECK(run_with(client, {"flush", "", "--yes"}).code == 8);
    CHECK(run_with(client, {"flush", "--yes"}).code == 2);
    CHECK(run_with(client, {"flush", "course", "--whole-db", "--yes"}).code == 2);
    CHECK(run_with(client, {"flush", "--all-dbs", "--whole-db", "--yes"}).code == 2);
    CHECK(run_with(client, {"flush", "--whole-db", "--exclude", "a*", "--yes"}).code == 2);
    CHECK(run_with(client, {"flush", "course"}).code == 8);
    CHECK(run_with(client, {"flush", "--whole-db"}).code == 8);
    CHECK(client.lines().empty());
}

TEST_CASE("flush has invalidate's question, guards and exclusions") {
    FakeClient client = shared_redis();
    const RunResult run = run_with(client, {"flush", "course", "sess", "--exclude", "*:1"},
                                   {.terminal = true, .answers = {"n"}});
    CHECK(run.code == 8);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0].starts_with("About to delete 2 keys in database 0 on 127.0.0.1:6379."));
    CHECK(run_with(client, {"flush", "course", "--yes", "--max-keys", "1"}).code == 8);
    CHECK(client.count("UNLINK") == 0);
}

TEST_CASE("--whole-db is one FLUSHDB ASYNC, after a look for other programs' keys") {
    FakeClient client = shared_redis();
    const RunResult run = run_with(client, {"flush", "--whole-db", "--yes"});
    CHECK(run.code == 0);
    CHECK(client.lines() == Lines{"SCAN 0 COUNT 500", "DBSIZE", "FLUSHDB ASYNC"});
    CHECK(without_time(run.out).starts_with("deleted 4 of 4 keys on 127.0.0.1:6379 in T\n"));
}

TEST_CASE("--whole-db --include-neighbours does not look") {
    FakeClient client = shared_redis();
    const RunResult run =
        run_with(client, {"flush", "--whole-db", "--include-neighbours", "--yes"});
    CHECK(run.code == 0);
    CHECK(client.lines() == Lines{"DBSIZE", "FLUSHDB ASYNC"});
    CHECK(without_time(run.out) == "deleted 4 of 4 keys on 127.0.0.1:6379 in T\n");
}

TEST_CASE("--whole-db heeds --max-keys and --dry-run") {
    FakeClient client = shared_redis();
    CHECK(run_with(client, {"flush", "--whole-db", "--yes", "--max-keys", "3"}).code == 8);
    const RunResult run = run_with(client, {"flush", "--whole-db", "--dry-run"});
    CHECK(run.code == 0);
    CHECK(run.out.starts_with("would delete 4 of 4 keys on 127.0.0.1:6379 (dry run"));
    CHECK(client.count("FLUSHDB") == 0);
    CHECK(client.keys.size() == 4);
}

TEST_CASE("--whole-db with protected keys walks and spares them") {
    FakeClient client = shared_redis();
    const RunResult run = run_with(client, {"flush", "--whole-db", "--yes", "--protect", "sess:*"});
    CHECK(run.code == 0);
    CHECK(client.count("FLUSHDB") == 0);
    CHECK(client.keys.size() == 1);
    CHECK(client.keys.contains("sess:a"));
    CHECK(
        without_time(run.out).starts_with("deleted 3 of 4 keys on 127.0.0.1:6379 in T\n"
                                          "  1 protected key spared\n"));
}

TEST_CASE("what is to be spared and can match no name is refused") {
    FakeClient client;
    client.keys = {{"a", {}}};
    for (const std::string option : {"--protect", "--exclude"}) {
        CAPTURE(option);
        const RunResult run =
            option == "--protect"
                ? run_with(client, {"flush", "--whole-db", "--yes", option, "[]"})
                : run_with(client, {"invalidate", "*", "--all", "--yes", option, "a[]"});
        CHECK(run.code == 2);
        CHECK(run.err.find("spares no key: its '[]' matches nothing") != std::string::npos);
    }
    CHECK(client.keys.size() == 1);
}

TEST_CASE("--whole-db walks where anything is protected, or guarded, also if it is not there yet") {
    const Lines guards[] = {{"--protect", "queue:*"}, {"--max-keys", "9"}, {"--expect", "0..9"}};
    for (const Lines& guard : guards) {
        FakeClient client = shared_redis();
        // What is protected comes with the last page that is looked at.
        client.on("UNLINK", [&](const FakeClient::Args& args) {
            client.keys["queue:new"] = {};
            for (const std::string& key : args) {
                client.keys.erase(key);
            }
            return Reply::make_integer(static_cast<std::int64_t>(args.size()) - 1);
        });
        Lines words = {"flush", "--whole-db", "--yes"};
        words.insert(words.end(), guard.begin(), guard.end());
        CHECK(run_with(client, words).code == 0);
        CHECK(client.count("FLUSHDB") == 0);
        CHECK(client.keys.size() == 1);
    }
}

TEST_CASE("--whole-db holds --max-keys against keys that come after the count") {
    FakeClient client = shared_redis();
    int walks = 0;
    client.on("SCAN", [&](const FakeClient::Args&) {
        std::vector<Reply> names;
        for (int i = 0; i < (walks == 0 ? 4 : 1'000); ++i) {
            names.push_back(Reply::make_string("k" + std::to_string(i)));
        }
        ++walks;
        return Reply::make_array({Reply::make_string("0"), Reply::make_array(std::move(names))});
    });
    client.on("UNLINK", [](const FakeClient::Args& args) {
        return Reply::make_integer(static_cast<std::int64_t>(args.size()) - 1);
    });
    const RunResult run =
        run_with(client, {"flush", "--whole-db", "--max-keys", "10", "-o", "ndjson"},
                 {.terminal = true, .answers = {"127.0.0.1"}});
    CHECK(run.code == 8);
    CHECK(walks == 2);
    CHECK(client.count("FLUSHDB") == 0);
    CHECK(run.out.find(R"("deleted":0,)") != std::string::npos);
}

TEST_CASE("a count of 0 is a hint: --whole-db --yes sends FLUSHDB all the same") {
    for (const std::int64_t size : {0, -5}) {
        FakeClient client;
        client.on("DBSIZE", [&](const FakeClient::Args&) { return Reply::make_integer(size); });
        const RunResult run = run_with(client, {"flush", "--whole-db", "--yes"});
        CHECK(run.code == 0);
        CHECK(client.lines() == Lines{"SCAN 0 COUNT 500", "DBSIZE", "FLUSHDB ASYNC"});
        CHECK(run.out.starts_with("emptied 127.0.0.1:6379, which told of no keys, in "));
    }
}

TEST_CASE("what was confirmed is about what FLUSHDB and FLUSHALL find when they are sent") {
    for (const char* scope : {"--whole-db", "--all-dbs"}) {
        for (const int come : {0, 10, 11}) {
            CAPTURE(scope);
            CAPTURE(come);
            FakeClient client = shared_redis();
            std::int64_t keys = static_cast<std::int64_t>(client.keys.size());
            client.on("DBSIZE", [&](const auto&) { return Reply::make_integer(keys); });
            client.on("INFO", [&](const auto&) {
                return Reply::make_string("# Keyspace\r\ndb0:keys=" + std::to_string(keys) +
                                          ",expires=0,avg_ttl=0\r\n");
            });
            RunOptions options{.terminal = true, .answers = {"127.0.0.1"}};
            options.on_question = [&] { keys += come; };
            const RunResult run = run_with(client, {"flush", scope}, options);
            CHECK(run.code == (come == 11 ? 8 : 0));
            CHECK(client.count("FLUSH") == (come == 11 ? 0 : 1));
            CHECK((run.err.find("keys by now, more than the ") != std::string::npos) ==
                  (come == 11));
        }
    }
}

TEST_CASE("a connection that was closed while the question stood is made anew") {
    for (const char* scope : {"--whole-db", "--all-dbs"}) {
        FakeClient client = shared_redis();
        client.on("INFO", keyspace);
        const FakeClient::Handler sizes = [&](const FakeClient::Args& args) {
            // The first look of --all-dbs is before the question.
            const bool asked = args[0] == "DBSIZE" || client.count("INFO") > 1;
            if (asked && client.reconnect_calls == 0) {
                return lost();
            }
            return args[0] == "DBSIZE" ? Reply::make_integer(4) : keyspace(args);
        };
        client.on("INFO", sizes);
        client.on("DBSIZE", sizes);
        const RunResult run =
            run_with(client, {"flush", scope}, {.terminal = true, .answers = {"127.0.0.1"}});
        CAPTURE(scope);
        CHECK(run.code == 0);
        CHECK(client.reconnect_calls == 1);
        CHECK(client.count("FLUSH") == 1);
    }
}

TEST_CASE("another process than the one that was asked about is not flushed") {
    class Restarting : public FakeClient {
    public:
        bool reconnect() override {
            info.run_id = "another";
            return FakeClient::reconnect();
        }
    };
    Restarting client;
    client.keys["precious"] = {};
    client.on("DBSIZE", [&](const FakeClient::Args&) {
        return client.reconnect_calls == 0 ? lost() : Reply::make_integer(50);
    });
    const RunResult run =
        run_with(client, {"flush", "--whole-db"}, {.terminal = true, .answers = {"127.0.0.1"}});
    CHECK(run.code == 8);
    CHECK(run.err.find("another server process answers now") != std::string::npos);
    CHECK(client.count("FLUSHDB") == 0);
}

TEST_CASE("after a failover that the Sentinels tell of, a change is not complete") {
    for (const Lines& words : {Lines{"flush", "--whole-db"}, Lines{"flush", "course"}}) {
        FakeClient client = shared_redis();
        client.new_master = "10.0.0.6:6379";
        Lines all = words;
        all.insert(all.end(), {"--yes", "-o", "ndjson"});
        const RunResult run = run_with(client, all);
        CHECK(run.code == 5);
        CHECK(run.out.find(R"("complete":false)") != std::string::npos);
        CHECK(run.err.find("the Sentinels now name 10.0.0.6:6379 as the master") !=
              std::string::npos);
    }
}

TEST_CASE("--whole-db on a terminal wants the server's name typed") {
    FakeClient client = shared_redis();
    const RunResult refused =
        run_with(client, {"flush", "--whole-db"}, {.terminal = true, .answers = {"yes"}});
    CHECK(refused.code == 8);
    CHECK(client.count("FLUSHDB") == 0);
    const RunResult run =
        run_with(client, {"flush", "--whole-db"}, {.terminal = true, .answers = {"127.0.0.1"}});
    CHECK(run.code == 0);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0] ==
          "About to delete the WHOLE database 0, 4 keys, on 127.0.0.1:6379.\n"
          "  course             2\n"
          "  (none)             1\n"
          "  sess               1\n"
          "Type the server's name, 127.0.0.1, to go on: ");
    CHECK(client.keys.empty());
}

TEST_CASE("an empty database is nothing to ask about") {
    FakeClient client;
    const RunResult run = run_with(client, {"flush", "--whole-db"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.questions.empty());
    CHECK(client.count("FLUSHDB") == 0);
    CHECK(run_with(client, {"flush", "--whole-db", "--yes", "--fail-if-none"}).code == 1);
}

TEST_CASE("a FLUSHDB whose reply is lost is unknown, and never sent again") {
    FakeClient client = shared_redis();
    client.on("FLUSHDB", [](const FakeClient::Args&) { return lost(); });
    const RunResult run =
        run_with(client, {"flush", "--whole-db", "--yes", "--retry-unknown", "-o", "ndjson"});
    CHECK(run.code == 5);
    CHECK(client.count("FLUSHDB") == 1);
    CHECK(run.out.find(R"("deleted":0,"protected":0,"vanished":0,"failed":0,"unknown":4,)") !=
          std::string::npos);
    CHECK(run.err ==
          R"({"error":{"code":5,"id":"partial","message":"FLUSHDB was sent, but its outcome is )"
          R"(unknown: no reply to FLUSHDB in 10 s","hint":"it is not sent twice: check with )"
          R"(DBSIZE whether it was executed"}})"
          "\n");
}

TEST_CASE("a FLUSHDB that the server refuses changes nothing, and the other way is named") {
    FakeClient client = shared_redis();
    client.on("FLUSHDB", [](const FakeClient::Args&) {
        return Reply::make_error("ERR unknown command 'FLUSHDB'");
    });
    const RunResult run = run_with(client, {"flush", "--whole-db", "--yes"});
    CHECK(run.code == 4);
    CHECK(run.err ==
          "cachectl: error: cannot flush: ERR unknown command 'FLUSHDB'; nothing was changed\n"
          "cachectl: key by key it may work: cachectl invalidate '*' --all\n");
    CHECK(without_time(run.out).starts_with("deleted 0 of 4 keys on"));
}

TEST_CASE("a busy server is waited for, as a refused FLUSHDB has not been executed") {
    FakeClient client = shared_redis();
    int tries = 0;
    client.on("FLUSHDB", [&](const FakeClient::Args&) {
        return ++tries < 4 ? Reply::make_error("BUSY Redis is busy running a script.")
                           : Reply::make_status("OK");
    });
    CHECK(run_with(client, {"flush", "--whole-db", "--yes"}).code == 0);
    CHECK(tries == 4);
}

TEST_CASE("--all-dbs is one FLUSHALL ASYNC, asked about database by database") {
    FakeClient client;
    client.on("INFO", keyspace);
    const RunResult run = run_with(client, {"flush", "--all-dbs", "-n", "3"},
                                   {.terminal = true, .answers = {"127.0.0.1:6379"}});
    CHECK(run.code == 0);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0] ==
          "About to delete ALL databases, 10 keys, on 127.0.0.1:6379.\n"
          "  db12             6\n"
          "  db0              4\n"
          "Type the server's name, 127.0.0.1, to go on: ");
    CHECK(client.lines() == Lines{"INFO keyspace", "SCAN 0 COUNT 500", "SCAN 0 COUNT 500",
                                  "INFO keyspace", "FLUSHALL ASYNC"});
    CHECK(without_time(run.out).starts_with("deleted 10 of 10 keys on 127.0.0.1:6379 in T\n"));
}

TEST_CASE("--all-dbs can neither spare keys nor keep to a number, so it does not begin") {
    const Lines guards[] = {{"--protect", "sess:*"}, {"--max-keys", "9"}, {"--expect", "1..9"}};
    for (const Lines& guard : guards) {
        FakeClient client;
        Lines words = {"flush", "--all-dbs", "--yes"};
        words.insert(words.end(), guard.begin(), guard.end());
        const RunResult run = run_with(client, words);
        CHECK(run.code == 8);
        CHECK(run.err.find("cachectl flush --whole-db -n DB") != std::string::npos);
        CHECK_FALSE(run.connected);
    }
}

TEST_CASE("without the right to count there is no flush") {
    FakeClient client;
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User app has no permissions to run the 'info' command");
    });
    const RunResult run = run_with(client, {"flush", "--all-dbs", "--yes"});
    CHECK(run.code == 4);
    CHECK(run.err.find("+info") != std::string::npos);
    CHECK(client.count("FLUSHALL") == 0);
}

TEST_CASE("a server that will not count is emptied all the same") {
    for (const char* refusal :
         {"ERR unknown command 'DBSIZE'",
          "NOPERM this user has no permissions to run the 'dbsize' command"}) {
        FakeClient client;
        client.on("DBSIZE", [&](const FakeClient::Args&) { return Reply::make_error(refusal); });
        client.on("FLUSHDB", [](const FakeClient::Args&) { return Reply::make_status("OK"); });
        CHECK(run_with(client, {"flush", "--whole-db", "--yes"}).code == 0);
        CHECK(client.lines() ==
              Lines{"SCAN 0 COUNT 500", "DBSIZE", "INFO keyspace", "FLUSHDB ASYNC"});
        client.answer("INFO", Reply::make_string("# Keyspace\r\ndb0:keys=3,expires=0,avg_ttl=0\r\n"
                                                 "db2:keys=5,expires=0,avg_ttl=0\r\n"));
        const RunResult told =
            run_with(client, {"flush", "--whole-db", "--yes", "-n", "2", "-o", "ndjson"});
        CHECK(told.out.find("\"matched\":5,\"deleted\":5,") != std::string::npos);
    }
}
