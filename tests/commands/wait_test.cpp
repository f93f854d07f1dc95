#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"
#include "util/signals.hpp"

using namespace cachectl::test;
using cachectl::Reply;
using nlohmann::json;

namespace {

/// A server whose figures change from poll to poll.
struct Stage {
    FakeClient client;
    int polls = 0;
    std::function<std::string(int poll)> info = [](int) { return "role:master\r\n"; };

    Stage() {
        client.on("INFO", [this](const FakeClient::Args&) {
            return Reply::make_string("redis_version:7.0.15\r\n" + info(++polls));
        });
    }
    RunResult wait(std::vector<std::string> args, RunOptions options = {}) {
        args.insert(args.begin(), "wait");
        options.now = [this] { return client.now(); };
        return run_with(client, args, options);
    }
};

std::string lookups(int hits, int misses) {
    return fmt::format("role:master\r\nkeyspace_hits:{}\r\nkeyspace_misses:{}\r\n", hits, misses);
}

}  // namespace

TEST_CASE_FIXTURE(Stage, "what holds at once needs one look") {
    client.keys["course:1"] = {};
    client.keys["course:2"] = {};
    const RunResult run = wait({"course:*", "--min", "2", "--ready", "--json"});
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    const json out = json::parse(run.out);
    CHECK(out["ready"] == true);
    CHECK(out["polls"] == 1);
    CHECK(out["conditions"][0]["id"] == "ready");
    CHECK(out["conditions"][0]["value"] == true);
    CHECK(out["conditions"][1]["id"] == "keys");
    CHECK(out["conditions"][1]["wanted"] == 2);
    CHECK(out["conditions"][1]["value"] == 2);
    CHECK(out["conditions"][1]["ok"] == true);
    CHECK(wait({}).out == "ready\tok\tyes\tyes\n");
    CHECK(wait({"course:1"}).code == 0);
}

TEST_CASE_FIXTURE(Stage, "when the time is over it says what is missing, exit 1") {
    client.keys["course:1"] = {};
    const RunResult run = wait({"course:*", "--min", "3", "--within", "60s", "--json"});
    CHECK(run.code == 1);
    CHECK(run.err.find("the time is over (1m), and this is missing: keys of course:* 1, wanted at "
                       "least 3") != std::string::npos);
    const json out = json::parse(run.out);
    CHECK(out["ready"] == false);
    CHECK(out["waited_ms"].get<int>() >= 60'000);
    CHECK(out["conditions"][0]["value"] == 1);
    // Once a second at first, every five seconds later.
    CHECK(polls >= 12);
    CHECK(polls <= 20);
}

TEST_CASE_FIXTURE(Stage, "the keys may come while it waits") {
    info = [this](int poll) {
        if (poll == 4) {
            client.keys["course:1"] = {};
        }
        return std::string("role:master\r\n");
    };
    const RunResult run = wait({"--keys", "course:*", "--within", "60s"});
    CHECK(run.code == 0);
    CHECK(run.out == "keys\tok\t1\t1\n");
    CHECK(polls == 4);
}

TEST_CASE("the moment in which a replica hears of its master is not missed") {
    for (int since_heard = 0; since_heard < 10; ++since_heard) {
        Stage stage;
        const auto began = stage.client.now();
        stage.info = [&](int) {
            const auto passed = stage.client.now() - began;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(passed).count();
            return fmt::format(
                "role:slave\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:{}\r\n",
                (since_heard + seconds) % 10);
        };
        const RunResult run = stage.wait({"--replica-lag", "500ms", "--within", "1m", "--json"});
        CAPTURE(since_heard);
        CHECK(run.code == 0);
        CHECK(json::parse(run.out)["waited_ms"].get<int>() <= 11'000);
    }
}

TEST_CASE_FIXTURE(Stage, "the hit ratio is that between two polls") {
    info = [](int poll) { return poll < 3 ? lookups(0, 200 * poll) : lookups(200 * poll, 600); };
    const RunResult run = wait({"--hit-ratio", "80%", "--within", "60s"});
    CHECK(run.code == 0);
    CHECK(run.out.starts_with("hit-ratio\tok\t"));
    CHECK(polls >= 4);
    const RunResult few = wait({"--hit-ratio", "0.8", "--within", "0"});
    CHECK(few.code == 1);
    CHECK(few.err.find("0 look-ups so far, 100 are needed") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "a hit ratio from before a restart opens nothing") {
    info = [this](int poll) {
        if (poll == 4) {
            client.keys["course:1"] = {};
        }
        return poll < 3 ? "run_id:a\r\n" + lookups(300 * poll, 0)
                        : "run_id:b\r\n" + lookups(0, 30 * (poll - 2));
    };
    const RunResult run = wait({"course:1", "--hit-ratio", "0.8", "--within", "4s", "--json"});
    CHECK(run.code == 1);
    const json ratio = json::parse(run.out)["conditions"][1];
    CHECK(ratio["ok"] == false);
    CHECK(ratio["value"] == nullptr);
    CHECK(ratio["reason"].get<std::string>().find("100 are needed") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "our own look-ups do not count") {
    info = [this](int poll) {
        // The server counts our EXISTS as misses too: 100 hits of others between two polls.
        return lookups(100 * poll, static_cast<int>(client.count("EXISTS")));
    };
    const RunResult run = wait({"course:1", "--hit-ratio", "0.9999", "--within", "3s", "--json"});
    CHECK(run.code == 1);  // the key does not come
    CHECK(json::parse(run.out)["conditions"][1]["value"] == 1.0);
}

TEST_CASE_FIXTURE(Stage,
                  "all conditions have to hold at once, and what was enough is not recounted") {
    client.keys["course:1"] = {};
    info = [](int poll) {
        return fmt::format(
            "role:master\r\nmaster_repl_offset:10\r\n"
            "slave0:ip=10.0.0.6,port=6379,state=online,offset=10,lag={}\r\n",
            poll < 5 ? 9 : 1);
    };
    const RunResult run = wait({"course:*", "--replica-lag", "1s", "--within", "60s"});
    CHECK(run.code == 0);
    CHECK(run.out == "keys\tok\t1\t1\nreplica-lag\tok\t1000\t1000\n");
    CHECK(client.count("SCAN") == 2);
}

TEST_CASE_FIXTURE(Stage, "a server that is loading is waited for") {
    info = [](int poll) { return poll < 3 ? std::string("loading:1\r\n") : std::string(); };
    CHECK(wait({"--ready", "--within", "60s"}).code == 0);
    CHECK(polls == 3);
    polls = 0;
    const RunResult over = wait({"--ready", "--within", "1s"});
    CHECK(over.code == 1);
    CHECK(over.err.find("the server is not ready: it is loading its dataset") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "a connection that ends is made anew") {
    int pings = 0;
    client.on("PING", [&](const FakeClient::Args&) {
        return ++pings == 1 ? Reply::make_unsent("the connection has ended")
                            : Reply::make_status("PONG");
    });
    CHECK(wait({"--ready", "--within", "60s"}).code == 0);
    CHECK(pings == 2);
}

TEST_CASE_FIXTURE(Stage, "a right that is missing ends it at once") {
    client.on("SCAN", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User x has no permissions to run the 'scan' command");
    });
    const RunResult run = wait({"a:*", "--within", "60s"});
    CHECK(run.code == 4);
    CHECK(run.err.find("+scan") != std::string::npos);
    CHECK(polls == 1);
}

TEST_CASE_FIXTURE(Stage, "a key that the user may not look at ends it at once") {
    client.on("EXISTS", [](const FakeClient::Args&) {
        return Reply::make_error(
            "NOPERM this user has no permissions to access one of the keys used as arguments");
    });
    const RunResult run = wait({"release:v42", "--within", "60s"});
    CHECK(run.code == 4);
    CAPTURE(run.err);
    CHECK(run.err.find("release:v42") != std::string::npos);
    CHECK(run.err.find("NOPERM") != std::string::npos);
    CHECK(polls == 1);
}

TEST_CASE_FIXTURE(Stage, "why a server is not ready is told whole on a narrow terminal") {
    info = [](int) -> std::string { return "loading:1\r\n"; };
    client.on("PING", [](const FakeClient::Args&) {
        return Reply::make_error("ERR " + std::string("a reason of many words, ") +
                                 "which goes on and on, and whose end says what is to be done");
    });
    const RunResult run =
        wait({"--ready", "--within", "2s", "--progress", "none"}, {.terminal = true});
    CHECK(run.code == 1);
    CAPTURE(run.out);
    CHECK(run.out.find(
              "\nthe server is not ready: ERR a reason of many words, which goes on and on, and\n  "
              "whose end says what is to be done\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "interrupted, it says so with what was seen") {
    info = [](int poll) {
        cachectl::set_stop_signal(poll == 2 ? 2 : 0);
        return std::string();
    };
    const RunResult run = wait({"a:*", "--within", "60s", "--json"});
    cachectl::set_stop_signal(0);
    CHECK(run.code == 130);
    CHECK(json::parse(run.out)["ready"] == false);
    CHECK(run.err.find("interrupted") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "wait on a terminal") {
    const RunResult run =
        wait({"a\x1b:*", "--within", "5s", "--progress", "none"}, {.terminal = true});
    CHECK(run.code == 1);
    CAPTURE(run.out);
    CHECK(run.out.find("NOT READY") == 0);
    CHECK(run.out.find(" ✗  keys of a\\x1b:*  0  at least 1") != std::string::npos);
    CHECK(run.err == "cachectl: warning: the time is over (5s)\n");
}

TEST_CASE_FIXTURE(Stage, "what cannot be waited for") {
    CHECK(wait({"a", "--keys", "b"}).code == 2);
    CHECK(wait({"a", "--min", "2"}).code == 2);
    CHECK(wait({"--min", "0"}).code == 2);
    CHECK(wait({"--hit-ratio", "1.5"}).code == 2);
    CHECK(wait({"--hit-ratio", "nan"}).code == 2);
    CHECK(wait({"--hit-ratio", "-0.5"}).code == 2);
    CHECK(wait({"--replica-lag", "1"}).code == 2);
    CHECK(wait({"-o", "csv"}).code == 2);
    CHECK(polls == 0);
}
