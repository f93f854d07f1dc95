// Other programs' keys in the way of a change: what is said of them, and what they stop.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"

using namespace cachectl::test;
using cachectl::Reply;
using Json = nlohmann::json;

namespace {

/// A cache that Sidekiq and a PHP application use too.
FakeClient shared() {
    FakeClient client;
    client.keys["queues"].type = "set";
    client.keys["queue:default"].type = "list";
    client.keys["PHPREDIS_SESSION:a1"] = {};
    client.keys["course:1"] = {};
    client.keys["course:2"] = {};
    return client;
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a catch-all that nobody is asked about stops before neighbours are changed") {
    const std::vector<std::vector<std::string>> commands = {
        {"invalidate", "*", "--all", "--yes"},
        {"invalidate", "course:*", "?*", "--all", "--yes"},
        {"expire", "*", "--all", "--set", "1h", "--yes"},
        {"flush", "--whole-db", "--yes"},
        {"flush", "--whole-db", "--confirm", "127.0.0.1"},
        {"flush", "--whole-db", "--yes", "--protect", "course:*"}};
    for (const auto& words : commands) {
        CAPTURE(words);
        FakeClient client = shared();
        const RunResult run = run_with(client, words);
        CHECK(run.code == 8);
        CHECK(says(run.err,
                   "2 keys of Sidekiq (queue:*, queues): jobs; 1 key of PHP "
                   "(PHPREDIS_SESSION:*): sessions; nothing was changed"));
        CHECK(says(run.err,
                   "--protect 'queue:*' --protect 'queues' "
                   "--protect 'PHPREDIS_SESSION:*'"));
        CHECK(says(run.err, "--include-neighbours"));
        for (const char* change : {"UNLINK", "PEXPIRE", "FLUSHDB", "PERSIST"}) {
            CHECK(client.count(change) == 0);
        }
        CHECK(client.count("TYPE") == 1);
    }
}

TEST_CASE("the refusal has an id of its own") {
    FakeClient client = shared();
    const RunResult run = run_with(client, {"invalidate", "*", "--all", "--yes", "--json"});
    CHECK(run.code == 8);
    CHECK(Json::parse(run.err)["error"]["id"] == "guard-neighbours");
}

TEST_CASE("neighbours that are protected, or included, stop nothing") {
    FakeClient client = shared();
    CHECK(run_with(client, {"invalidate", "*", "--all", "--yes", "--protect", "queue*", "--protect",
                            "PHPREDIS_SESSION:*"})
              .code == 0);
    CHECK(client.keys.size() == 3);
    const RunResult run =
        run_with(client, {"invalidate", "*", "--all", "--yes", "--include-neighbours", "--json"});
    CHECK(run.code == 0);
    CHECK(client.keys.empty());
    CHECK(Json::parse(run.out)["neighbours"] ==
          Json::parse(R"([{"name":"Sidekiq","keys":2,"patterns":["queue:*","queues"]},)"
                      R"({"name":"PHP","keys":1,"patterns":["PHPREDIS_SESSION:*"]}])"));
}

TEST_CASE("a pattern that means a neighbour is no catch-all: the summary names it") {
    FakeClient client = shared();
    const RunResult run = run_with(client, {"invalidate", "queue*", "--yes"});
    CHECK(run.code == 0);
    CHECK(says(run.out, "  among them 2 keys of Sidekiq (queue:*, queues): jobs, it seems\n"));
    // One walk; the mark was asked for before it was deleted.
    CHECK(client.count("SCAN") == 1);
    CHECK(client.count("TYPE") == 1);
}

TEST_CASE("a question and a dry run name them and go on") {
    FakeClient client = shared();
    const RunResult asked =
        run_with(client, {"invalidate", "*", "--all"}, {.terminal = true, .answers = {"y"}});
    CHECK(asked.code == 0);
    REQUIRE(asked.questions.size() == 1);
    CHECK(says(asked.questions[0],
               "Among them 2 keys of Sidekiq (queue:*, queues): jobs, it seems.\n"
               "Among them 1 key of PHP (PHPREDIS_SESSION:*): sessions, it seems.\n"));
    CHECK(client.keys.empty());
    client = shared();
    const RunResult dry = run_with(client, {"flush", "--whole-db", "--dry-run", "-o", "plain"});
    CHECK(dry.code == 0);
    CHECK(says(dry.out, "neighbours.0.name\tSidekiq\n"));
}

TEST_CASE("--all-dbs looks into every database, over a connection to each") {
    FakeClient client = shared();
    client.on("INFO", [](const FakeClient::Args&) {
        return Reply::make_string("db0:keys=5,expires=0\r\ndb7:keys=5,expires=0\r\n");
    });
    const RunResult run = run_with(client, {"flush", "--all-dbs", "--yes"});
    CHECK(run.code == 8);
    CHECK(client.count("SCAN") == 2);
    CHECK(client.count("FLUSHALL") == 0);
    CHECK(says(run.err, "4 keys of Sidekiq"));
    CHECK(says(run.err, "cachectl flush --whole-db -n DB --protect 'queue:*'"));
    CHECK(run_with(client, {"flush", "--all-dbs", "--yes", "--include-neighbours"}).code == 0);
    CHECK(client.count("SCAN") == 2);
    CHECK(client.count("FLUSHALL") == 1);
}

TEST_CASE("a database that cannot be looked into is not emptied unseen") {
    for (const char* scope : {"--whole-db", "--all-dbs"}) {
        FakeClient client = shared();
        client.on("SCAN", [](const FakeClient::Args&) {
            return Reply::make_error(
                "NOPERM User app has no permissions to run the 'scan' command");
        });
        client.on("INFO", [](const FakeClient::Args&) {
            return Reply::make_string("db0:keys=5,expires=0\r\n");
        });
        const RunResult run = run_with(client, {"flush", scope, "--yes"});
        CHECK(run.code == 4);
        CHECK(says(run.err, "NOPERM"));
        CHECK(client.count("FLUSH") == 0);
        CHECK(run_with(client, {"flush", scope, "--yes", "--include-neighbours"}).code == 0);
        CHECK(client.count("FLUSH") == 1);
    }
}
