#include "change/key_changer.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/replies.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("each key is counted once: changed or vanished") {
    FakeClient client;
    client.keys["a"] = {};
    client.keys["b"] = {};
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    std::size_t done = 0;
    changer.on_done = [&](const KeyCommand& command) { done += command.keys.size(); };
    for (const char* key : {"a", "gone", "b"}) {
        changer.change(key);
    }
    CHECK(client.pending() == 0);  // they wait for company
    changer.finish();
    CHECK(client.lines() == std::vector<std::string>{"MEMORY USAGE a", "MEMORY USAGE gone",
                                                     "MEMORY USAGE b", "UNLINK a gone b"});
    CHECK(changer.tally().changed == 2);
    CHECK(changer.tally().vanished == 1);
    CHECK(done == 3);
    CHECK_FALSE(changer.stopped());
}

TEST_CASE("a refused batch is split, and only the first few refused keys are kept") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args& args) {
        for (const std::string& arg : args) {
            if (arg.starts_with("no")) {
                return Reply::make_error("NOPERM No permissions to access a key");
            }
        }
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    for (int i = 0; i < 8; ++i) {
        changer.change("no" + std::to_string(i));
    }
    changer.change("yes");
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
    changer.change("a");
    changer.stop({ExitCode::guard, "first"});
    changer.stop({ExitCode::guard, "second"});
    changer.change("b");
    changer.finish();
    CHECK(client.lines().empty());
    CHECK(changer.tally().not_attempted == 2);
    CHECK(changer.stopped()->what() == std::string("first"));
    CHECK(stops == 1);
}

TEST_CASE("a lost command stops the work and is not sent again over the next connection") {
    FakeClient client;
    client.on("UNLINK", [](const FakeClient::Args&) { return broken_reply(Reply::Type::lost); });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    changer.change("a");
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
    client.on("UNLINK", [](const FakeClient::Args&) { return broken_reply(Reply::Type::lost); });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.retry_unknown = RetryUnknown::yes});
    changer.change("a");
    changer.finish();
    CHECK(client.count("UNLINK") == 4);
    CHECK(changer.tally().unknown == 1);
    client.on("UNLINK", [](const FakeClient::Args&) { return Reply::make_integer(0); });
    changer.resume();
    changer.finish();
    CHECK(changer.tally().unknown == 0);
    CHECK(changer.tally().vanished == 0);
    CHECK(changer.tally().presumed == 1);
}

TEST_CASE("what was never sent may be sent again without being asked") {
    FakeClient client;
    client.on("PEXPIRE", [&](const FakeClient::Args&) {
        return client.reconnect_calls == 0 ? broken_reply(Reply::Type::unsent)
                                           : Reply::make_integer(1);
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {});
    changer.send({"PEXPIRE", {"a"}, "1000"});
    changer.finish();
    CHECK(client.lines() == std::vector<std::string>{"PEXPIRE a 1000", "PEXPIRE a 1000"});
    CHECK(changer.tally().changed == 1);
    CHECK(changer.tally().presumed == 0);
}

TEST_CASE("a reply of the wrong kind says nothing of the keys") {
    FakeClient client;
    Reply odd = Reply::make_status("QUEUED");
    client.on("UNLINK", [&](const FakeClient::Args&) { return odd; });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.retry_unknown = RetryUnknown::yes});
    changer.change("a");
    changer.finish();
    CHECK(changer.tally().unknown == 1);
    CHECK(changer.stopped());
    CHECK(client.count("UNLINK") == 1);
    odd = Reply::make_integer(-5);
    KeyChanger another(client, pace, {});
    another.change("a");
    another.finish();
    CHECK(another.tally().unknown == 1);
    CHECK(another.stopped());
}

namespace {

/// Caps at a minute what lives longer, by what PTTL says.
KeyCheck capping(KeyCheck::When when) {
    KeyCheck check;
    check.facts.ttl = true;
    check.verb = "PEXPIRE";
    check.when = when;
    check.decide = [](const KeyFacts& key, const KeyCommand&) -> std::optional<KeyCommand> {
        if (key.ttl && key.ttl->count() <= 60'000) {
            return std::nullopt;
        }
        return KeyCommand{"PEXPIRE", {key.key}, "60000", "LT"};
    };
    return check;
}

}  // namespace

TEST_CASE("a change goes by what the keys are when its turn has come") {
    FakeClient client;
    for (const char* key : {"long", "short", "gone"}) {
        client.keys[key] = {.ttl_ms = 90'000};
    }
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.check = capping(KeyCheck::When::always)});
    REQUIRE(changer.checks_first());
    for (const char* key : {"long", "short", "gone"}) {
        changer.change(key);
    }
    client.keys["short"].ttl_ms = 10'000;
    client.keys.erase("gone");
    changer.finish();
    CHECK(client.keys["long"].ttl_ms == 60'000);
    CHECK(client.keys["short"].ttl_ms == 10'000);
    CHECK(changer.tally().changed == 1);
    CHECK(changer.tally().vanished == 1);
    CHECK(client.count("PEXPIRE") == 1);
}

TEST_CASE("under --max-rate no key is looked at before its batch may go") {
    FakeClient client;
    for (int i = 0; i < 100; ++i) {
        client.keys["k" + std::to_string(i)] = {.ttl_ms = 90'000};
    }
    Paces pace(client, {.max_rate = 100, .rate_of = RateOf::changed});
    KeyChanger changer(client, pace, {.check = capping(KeyCheck::When::always)});
    std::size_t ahead = 0, most_ahead = 0;
    client.on("PTTL", [&](const FakeClient::Args&) {
        most_ahead = std::max(most_ahead, ++ahead);
        return Reply::make_integer(90'000);
    });
    client.on("PEXPIRE", [&](const FakeClient::Args&) {
        --ahead;
        return Reply::make_integer(1);
    });
    for (int i = 0; i < 100; ++i) {
        changer.change("k" + std::to_string(i));
    }
    changer.finish();
    CHECK(changer.tally().changed == 100);
    CHECK(most_ahead == 10);  // a tenth of a second's
}

TEST_CASE("a condition that does not hold is looked into: unchanged is not vanished") {
    FakeClient client;
    client.keys["short"] = {.ttl_ms = 10'000};
    client.keys["long"] = {.ttl_ms = 90'000};
    Paces pace(client, {});
    std::size_t unchanged = 0;
    KeyCheck check = capping(KeyCheck::When::in_doubt);
    check.decide = [&, decide = check.decide](const KeyFacts& key, const KeyCommand& asked) {
        auto command = decide(key, asked);
        unchanged += command ? 0 : 1;
        return command;
    };
    KeyChanger changer(client, pace, {.check = check});
    REQUIRE_FALSE(changer.checks_first());
    for (const char* key : {"short", "long", "gone"}) {
        changer.send({"PEXPIRE", {key}, "60000", "LT"});
    }
    changer.finish();
    CHECK(client.keys["short"].ttl_ms == 10'000);
    CHECK(changer.tally().changed == 1);
    CHECK(changer.tally().vanished == 1);
    CHECK(unchanged == 1);
    CHECK(client.count("PTTL") == 2);
}

TEST_CASE("a server that knows no conditions is asked for the facts first, and sent none") {
    FakeClient client;
    client.keys["short"] = {.ttl_ms = 10'000};
    client.keys["long"] = {.ttl_ms = 90'000};
    Paces pace(client, {});
    KeyChanger changer(
        client, pace,
        {.check = capping(KeyCheck::When::in_doubt), .conditions = Conditions::unknown});
    REQUIRE(changer.checks_first());
    changer.change("short");
    changer.change("long");
    changer.finish();
    CHECK(client.lines() ==
          std::vector<std::string>{"PTTL short", "PTTL long", "PEXPIRE long 60000"});
}

TEST_CASE("a server that turns out to know no conditions is treated as such") {
    FakeClient client;
    for (const char* key : {"short", "long"}) {
        client.keys[key] = {.ttl_ms = 90'000};
    }
    client.keys["short"].ttl_ms = 10'000;
    client.on("PEXPIRE", [&](const FakeClient::Args& args) {
        if (args.size() > 3) {
            return Reply::make_error("ERR wrong number of arguments for 'pexpire'");
        }
        client.keys[args[1]].ttl_ms = std::stoll(args[2]);
        return Reply::make_integer(1);
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.check = capping(KeyCheck::When::in_doubt)});
    for (const char* key : {"short", "long"}) {
        changer.send({"PEXPIRE", {key}, "60000", "LT"});
    }
    changer.finish();
    CHECK_FALSE(changer.stopped());
    CHECK(client.keys["short"].ttl_ms == 10'000);
    CHECK(client.keys["long"].ttl_ms == 60'000);
    CHECK(changer.tally().changed == 1);
    CHECK(changer.tally().failed == 0);
}

TEST_CASE("what a repeated command finds done is presumed to be ours, not vanished") {
    FakeClient client;
    for (const char* key : {"a", "b", "c"}) {
        client.keys[key] = {};
    }
    bool first = true;
    client.on("UNLINK", [&](const FakeClient::Args& args) {
        std::int64_t removed = 0;
        for (const std::string& key : args) {
            removed += static_cast<std::int64_t>(client.keys.erase(key));
        }
        return std::exchange(first, false) ? broken_reply(Reply::Type::lost)
                                           : Reply::make_integer(removed);
    });
    Paces pace(client, {});
    KeyChanger changer(client, pace, {.retry_unknown = RetryUnknown::yes});
    for (const char* key : {"a", "b", "c"}) {
        changer.change(key);
    }
    changer.finish();
    CHECK(changer.tally().changed == 3);
    CHECK(changer.tally().presumed == 3);
    CHECK(changer.tally().vanished == 0);
}
