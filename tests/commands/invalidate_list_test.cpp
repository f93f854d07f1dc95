// invalidate --keys-from: keys that come from a list.
#include <doctest/doctest.h>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using cachectl::Reply;

TEST_CASE("a list of keys is deleted as it is, and read once") {
    TempDir dir;
    const std::string list = dir.file("keys", std::string("course:1\0a\nb\0gone\0", 18));
    FakeClient client = shared_cache();
    client.keys["a\nb"] = {};
    const RunResult run =
        run_with(client, {"invalidate", "--keys-from", list, "-0", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(without_measuring(client.lines()) ==
          std::vector<std::string>{"UNLINK course:1 a\nb gone"});
    CHECK(run.out.find(R"("matched":3,"deleted":2,"protected":0,"vanished":1,)") !=
          std::string::npos);
}

TEST_CASE("a list is counted, asked about, and then deleted from what was read") {
    TempDir dir;
    const std::string list = dir.file("keys", "course:1\ngone\nmenu:1\nsess:a\n");
    FakeClient client = shared_cache();
    const RunResult run =
        run_with(client, {"invalidate", "course:*", "m*", "g*", "--keys-from", list},
                 {.terminal = true, .answers = {"y"}});
    CHECK(run.code == 0);
    REQUIRE(run.questions.size() == 1);
    CHECK(run.questions[0].starts_with("About to delete 2 keys in database 0"));
    CHECK(without_measuring(client.lines()) ==
          std::vector<std::string>{"EXISTS course:1", "EXISTS gone", "EXISTS menu:1",
                                   "EXISTS course:1", "EXISTS gone", "EXISTS menu:1",
                                   "UNLINK course:1 menu:1"});
    CHECK(
        without_time(run.out).starts_with("deleted 2 of 3 keys on 127.0.0.1:6379 in T\n"
                                          "  1 key gone already\n"));
}

TEST_CASE("a dry run and a real one choose the same keys of a list") {
    TempDir dir;
    const std::string list =
        dir.file("keys", "gone\ncourse:1\ncourse:1\nsess:a\ngone\nmenu:1\ncourse:2\n");
    for (const std::string limit : {"1", "2", "3", "4", "5"}) {
        const std::vector<std::string> words = {"invalidate", "--keys-from", list, "--limit", limit,
                                                "--protect",  "se*",         "-o", "ndjson"};
        const auto figure = [](const std::string& json, const std::string& name) {
            const auto at = json.find('"' + name + "\":");
            return at == std::string::npos ? -1 : std::stoi(json.substr(at + name.size() + 3));
        };
        FakeClient client = shared_cache();
        auto args = words;
        args.push_back("--dry-run");
        const std::string dry = run_with(client, args).out;
        args.back() = "--yes";
        const std::string real = run_with(client, args).out;
        CAPTURE(limit);
        CHECK(figure(dry, "would_delete") == figure(real, "deleted"));
        for (const char* name : {"matched", "protected", "vanished", "repeated"}) {
            CHECK(figure(dry, name) == figure(real, name));
        }
        const int wanted = std::min(4, std::stoi(limit));
        CHECK(figure(real, "deleted") + figure(real, "protected") == wanted);
        CHECK(client.keys.size() == 4U - static_cast<unsigned>(figure(real, "deleted")));
    }
}

TEST_CASE(
    "of a list the protected keys are looked up, since nothing else tells which are missing") {
    TempDir dir;
    const std::string list = dir.file("keys", "course:1\nsess:gone\nsess:a\ngone\n");
    const std::vector<std::string> words = {"invalidate", "--keys-from", list,     "--protect",
                                            "sess:*",     "-o",          "ndjson", "--yes"};
    const char* figures = R"("matched":4,"deleted":1,"protected":1,"vanished":2,)";
    FakeClient client = shared_cache();
    RunResult run = run_with(client, words);
    CHECK(run.code == 0);
    CHECK(run.out.find(figures) != std::string::npos);
    CHECK(without_measuring(client.lines()) ==
          std::vector<std::string>{"EXISTS sess:gone", "EXISTS sess:a", "UNLINK course:1 gone"});

    // Who may not ask deletes all the same, and what is spared counts as being there.
    FakeClient strict = shared_cache();
    strict.on("EXISTS", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'exists' command");
    });
    run = run_with(strict, words);
    CHECK(run.code == 0);
    CHECK(run.out.find(R"("matched":4,"deleted":1,"protected":2,"vanished":1,)") !=
          std::string::npos);
}

TEST_CASE("a list that is not there is bad input") {
    FakeClient client;
    const RunResult run = run_with(client, {"invalidate", "--keys-from", "/no/such", "--yes"});
    CHECK(run.code == 6);
    CHECK_FALSE(run.connected);
}

TEST_CASE("a list of which another server process answers the rest is not complete") {
    TempDir dir;
    const std::string list = dir.file("keys", "course:1\ncourse:2\nmenu:1\n");
    const std::vector<std::string> words = {"expire", "--keys-from", list, "--set",
                                            "1h",     "--yes",       "-o", "ndjson"};
    FakeClient client = shared_cache();
    client.same_server_after_reconnect = false;
    int answered = 1;
    client.on("PEXPIRE", [&](const FakeClient::Args&) {
        if (client.reconnect_calls == 0 && answered-- <= 0) {
            Reply reply;
            reply.type = Reply::Type::unsent;
            reply.text = "connection closed";
            return reply;
        }
        return Reply::make_integer(1);
    });
    const RunResult run = run_with(client, words);
    CHECK(run.code == 5);
    CHECK(run.out.find(R"("changed":3)") != std::string::npos);
    CHECK(run.out.find(R"("complete":false)") != std::string::npos);
    CHECK(run.err.find("another server process answered, which may not have what this one had") !=
          std::string::npos);
    CHECK(run.err.find("run the same command again to go on") != std::string::npos);

    // Nothing had been changed before.
    client.reconnect_calls = 0;
    answered = 0;
    const RunResult first = run_with(client, words);
    CAPTURE(first.err);
    CHECK(client.reconnect_calls == 1);
    CHECK(first.code == 0);
}
