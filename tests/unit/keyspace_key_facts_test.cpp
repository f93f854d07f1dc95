#include "keyspace/key_facts.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using cachectl::test::FakeClient;

namespace {

PageFacts facts_of(FakeClient& client, std::vector<std::string> keys, const FactsWanted& wanted) {
    std::optional<PageFacts> facts;
    Pace pace(client, {});
    const auto owner = std::make_shared<char>();
    read_facts(client, pace, owner, std::move(keys), wanted, [&](PageFacts page) {
        CHECK_FALSE(facts);  // once
        facts = std::move(page);
    });
    client.run_until([] { return false; });
    REQUIRE(facts);
    return std::move(*facts);
}

}  // namespace

TEST_CASE("all facts of a key") {
    FakeClient client;
    client.keys["k"] = {.type = "hash", .ttl_ms = 1500, .size_bytes = 99, .idle_s = 7};
    const PageFacts page = facts_of(
        client, {"k"}, {.existence = true, .type = true, .ttl = true, .size = true, .idle = true});
    REQUIRE(page.keys.size() == 1);
    CHECK(page.keys[0].key == "k");
    CHECK(page.keys[0].exists);
    CHECK(page.keys[0].type == "hash");
    CHECK(page.keys[0].ttl == 1500ms);
    CHECK(page.keys[0].size_bytes == 99);
    CHECK(page.keys[0].idle == 7s);
    CHECK_FALSE(page.connection_lost);
    CHECK_FALSE(page.refused);
    CHECK(client.lines() == std::vector<std::string>{"EXISTS k", "TYPE k", "PTTL k",
                                                     "MEMORY USAGE k", "OBJECT IDLETIME k"});
}

TEST_CASE("a number that keys share has an idle time that is none of theirs") {
    FakeClient client;
    client.keys["shared"] = {.idle_s = 888'447, .is_shared = true};
    client.keys["own"] = {.idle_s = 7};
    const FactsWanted wanted = {.idle = true, .own_idle = true};
    const PageFacts page = facts_of(client, {"shared", "own", "gone"}, wanted);
    REQUIRE(page.keys.size() == 3);
    CHECK_FALSE(page.keys[0].idle);
    CHECK(page.keys[0].exists);
    CHECK(page.keys[1].idle == 7s);
    CHECK_FALSE(page.keys[2].exists);
    client.on("OBJECT", [](const FakeClient::Args& args) {
        return args.at(1) == "REFCOUNT" ? Reply::make_error("ERR Unknown subcommand")
                                        : Reply::make_integer(7);
    });
    CHECK(facts_of(client, {"own"}, wanted).keys[0].idle == 7s);
    client.on("OBJECT", [](const FakeClient::Args& args) {
        return args.at(1) == "REFCOUNT"
                   ? Reply::make_error(
                         "NOPERM User bob has no permissions to run the 'object|refcount' command")
                   : Reply::make_integer(7);
    });
    CHECK(facts_of(client, {"own"}, wanted).refused);
}

TEST_CASE("an answer of the wrong kind is no fact") {
    struct Odd {
        const char* command;
        Reply reply;
        FactsWanted wanted;
    };
    const Odd odd[] = {
        {"PTTL", Reply::make_status("OK"), {.ttl = true}},
        {"PTTL", Reply{}, {.ttl = true}},
        {"PTTL", Reply::make_integer(-7), {.ttl = true}},
        {"MEMORY", Reply::make_integer(-1), {.size = true}},
        {"MEMORY", Reply::make_status("OK"), {.size = true}},
        {"OBJECT", Reply::make_status("OK"), {.idle = true}},
        {"OBJECT", Reply::make_integer(-1), {.idle = true}},
        {"TYPE", Reply::make_array({}), {.type = true}},
        {"EXISTS", Reply::make_status("OK"), {.existence = true}},
        {"EXISTS", Reply::make_integer(2), {.existence = true}},
    };
    for (const Odd& one : odd) {
        FakeClient client;
        client.on(one.command, [&](const FakeClient::Args&) { return one.reply; });
        const PageFacts page = facts_of(client, {"k"}, one.wanted);
        CAPTURE(one.command);
        CHECK(page.keys[0].unreadable);
        CHECK(page.keys[0].exists);
        CHECK_FALSE(page.keys[0].ttl);
        CHECK_FALSE(page.keys[0].size_bytes);
        CHECK_FALSE(page.keys[0].idle);
    }
}

TEST_CASE("nothing wanted or no keys: no command, and the answer at once") {
    FakeClient client;
    Pace pace(client, {});
    bool done = false;
    read_facts(client, pace, {}, {"a", "b"}, {}, [&](const PageFacts& page) {
        done = page.keys.size() == 2 && page.keys[1].key == "b";
    });
    CHECK(done);
    done = false;
    read_facts(client, pace, {}, {}, {.ttl = true},
               [&](const PageFacts& page) { done = page.keys.empty(); });
    CHECK(done);
    CHECK(client.pending() == 0);
}

TEST_CASE("each fact tells by itself that a key has gone") {
    FakeClient client;
    CHECK_FALSE(facts_of(client, {"gone"}, {.existence = true}).keys[0].exists);
    CHECK_FALSE(facts_of(client, {"gone"}, {.type = true}).keys[0].exists);
    CHECK_FALSE(facts_of(client, {"gone"}, {.ttl = true}).keys[0].exists);
    CHECK_FALSE(facts_of(client, {"gone"}, {.size = true}).keys[0].exists);
    CHECK_FALSE(facts_of(client, {"gone"}, {.idle = true}).keys[0].exists);
}

TEST_CASE("a server before 7.0 says that a key has gone with an error") {
    FakeClient client;
    client.on("OBJECT",
              [](const FakeClient::Args&) { return Reply::make_error("ERR no such key"); });
    const PageFacts page = facts_of(client, {"gone"}, {.idle = true});
    CHECK_FALSE(page.refused);
    CHECK_FALSE(page.keys[0].exists);
}

TEST_CASE("under an LFU policy there is no idle time, and the key is there all the same") {
    FakeClient client;
    client.keys["k"] = {};
    client.on("OBJECT", [](const FakeClient::Args&) {
        return Reply::make_error(
            "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that "
            "when switching between policies at runtime LRU and LFU data will take some time to "
            "adjust.");
    });
    const PageFacts page = facts_of(client, {"k"}, {.ttl = true, .idle = true});
    CHECK_FALSE(page.refused);
    CHECK(page.keys[0].exists);
    CHECK_FALSE(page.keys[0].idle);
}

TEST_CASE("a refusal is told once, with what is missing") {
    FakeClient client;
    client.keys["a"] = {};
    client.keys["b"] = {};
    client.on("MEMORY", [](const FakeClient::Args&) {
        return Reply::make_error(
            "NOPERM User bob has no permissions to run the 'memory|usage' command");
    });
    const PageFacts page = facts_of(client, {"a", "b"}, {.ttl = true, .size = true});
    REQUIRE(page.refused);
    CHECK(page.refused->code() == ExitCode::refused);
    CHECK(page.refused->hint() == "the user lacks the ACL rule +memory|usage");
    CHECK(page.keys.size() == 2);
}

TEST_CASE("a lost connection spoils the page") {
    FakeClient client;
    client.keys["a"] = {};
    client.on("PTTL", [](const FakeClient::Args&) {
        return Reply{Reply::Type::unsent, 0, "connection closed", {}};
    });
    const PageFacts page = facts_of(client, {"a", "b"}, {.ttl = true});
    CHECK(page.connection_lost);
    CHECK_FALSE(page.refused);
}
