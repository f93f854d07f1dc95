#include "safety/key_changer.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

Reply broken(Reply::Type type) {
    Reply reply;
    reply.type = type;
    reply.text = "connection closed by the server";
    return reply;
}

}  // namespace

TEST_CASE("each key is counted once: changed or vanished") {
    FakeClient client;
    client.keys["a"] = {};
    client.keys["b"] = {};
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    std::size_t done = 0;
    changer.on_done = [&](const KeyCommand& command) { done += command.keys.size(); };
    for (const char* key : {"a", "gone", "b"}) changer.unlink(key);
    CHECK(client.pending() == 0);  // they wait for company
    changer.finish();
    CHECK(client.lines() == std::vector<std::string>{"UNLINK a gone b"});
    CHECK(changer.tally().changed == 2);
    CHECK(changer.tally().vanished == 1);
    CHECK(done == 3);
    CHECK_FALSE(changer.stopped());
}

TEST_CASE("a refused batch is split, and only the first few refused keys are kept") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args& args) {
        for (const std::string& arg : args) {
            if (arg.starts_with("no"))
                return Reply::make_error("NOPERM No permissions to access a key");
        }
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    for (int i = 0; i < 8; ++i) changer.unlink("no" + std::to_string(i));
    changer.unlink("yes");
    changer.finish();
    const ChangeTally tally = changer.tally();
    CHECK(tally.changed == 1);
    CHECK(tally.failed == 8);
    CHECK(tally.refused_keys == std::vector<std::string>{"no0", "no1", "no2", "no3", "no4"});
    CHECK(tally.refusal == "NOPERM No permissions to access a key");
    CHECK_FALSE(changer.stopped());
    CHECK(client.count("UNLINK") == 10);
}

TEST_CASE("after a stop nothing is sent, and the first reason counts") {
    FakeClient client;
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    int stops = 0;
    changer.on_stop = [&] { ++stops; };
    changer.unlink("a");
    changer.stop({ExitCode::guard, "first"});
    changer.stop({ExitCode::guard, "second"});
    changer.unlink("b");
    changer.finish();
    CHECK(client.lines().empty());
    CHECK(changer.tally().not_attempted == 2);
    CHECK(changer.stopped()->what() == std::string("first"));
    CHECK(stops == 1);
}

TEST_CASE("a lost command stops the work and is not sent again over the next connection") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args&) { return broken(Reply::Type::lost); });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    changer.unlink("a");
    changer.finish();
    CHECK(changer.connection_lost());
    CHECK(changer.tally().unknown == 1);
    CHECK(changer.stopped());
    changer.resume();
    changer.finish();
    CHECK(client.count("UNLINK") == 1);
    CHECK(client.reconnect_calls == 0);
}

TEST_CASE("with retry_unknown a lost command is sent again, a bounded number of times") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args&) { return broken(Reply::Type::lost); });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.retry_unknown = RetryUnknown::yes});
    changer.unlink("a");
    changer.finish();
    CHECK(client.count("UNLINK") == 4);
    CHECK(changer.tally().unknown == 1);
    client.on("UNLINK", [](const FakeClient::Args&) { return Reply::make_integer(0); });
    changer.resume();
    changer.finish();
    CHECK(changer.tally().unknown == 0);
    CHECK(changer.tally().vanished == 1);
    CHECK(changer.tally().changed_is_lower_bound);
}

TEST_CASE("what was never sent may be sent again without being asked") {
    FakeClient client;
    client.on("PEXPIRE", [&](const FakeClient::Args&) {
        return client.reconnect_calls == 0 ? broken(Reply::Type::unsent) : Reply::make_integer(1);
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    changer.send({"PEXPIRE", {"a"}, "1000"});
    changer.finish();
    CHECK(client.lines() == std::vector<std::string>{"PEXPIRE a 1000", "PEXPIRE a 1000"});
    CHECK(changer.tally().changed == 1);
    CHECK_FALSE(changer.tally().changed_is_lower_bound);
}

TEST_CASE("a reply of the wrong kind says nothing of the keys") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args&) { return Reply::make_status("QUEUED"); });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.retry_unknown = RetryUnknown::yes});
    changer.unlink("a");
    changer.finish();
    CHECK(changer.tally().unknown == 1);
    CHECK(changer.stopped());
    CHECK(client.count("UNLINK") == 1);
}
