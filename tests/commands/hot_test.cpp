#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"

using namespace cachectl::test;
using cachectl::Reply;
using nlohmann::json;

namespace {

/// Two keys that are used all the time.
struct Cache {
    FakeClient client;

    Cache() {
        client.keys["flag:1"] = {.type = "hash", .size_bytes = 100};
        client.keys["sess:1"] = {.ttl_ms = 300'000, .size_bytes = 100};
    }
    RunResult hot(std::vector<std::string> more) {
        std::vector<std::string> args = {"hot", "--interval", "2s"};
        args.insert(args.end(), more.begin(), more.end());
        return run_with(client, args, {.now = [this] { return client.now(); }});
    }
};

Reply no_right_to(const std::string& command) {
    return Reply::make_error("NOPERM User x has no permissions to run the '" + command +
                             "' command");
}

}  // namespace

TEST_CASE_FIXTURE(Cache, "hot says what the keys are") {
    const RunResult run = hot({"-o", "plain"});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "1\tshare_of_looks\thash\t100\tnever\tflag:1\n"
          "1\tshare_of_looks\tstring\t100\t300000\tsess:1\n");
    const json keys = json::parse(hot({"--json"}).out)["keys"];
    CHECK(keys[0]["ttl_ms"] == nullptr);
    CHECK(keys[1]["ttl_ms"] == 300'000);
}

TEST_CASE_FIXTURE(Cache,
                  "a time to live that may not be asked for is not known, and nothing else") {
    client.answer("PTTL", no_right_to("pttl"));
    const RunResult run = hot({"-o", "plain"});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "1\tshare_of_looks\thash\t100\t-\tflag:1\n"
          "1\tshare_of_looks\tstring\t100\t-\tsess:1\n");
    CAPTURE(run.err);
    CHECK(run.err.find("times to live are not known") != std::string::npos);
    CHECK(run.err.find("'pttl'") != std::string::npos);
    const json found = json::parse(hot({"--json"}).out);
    CHECK_FALSE(found["keys"][0].contains("ttl_ms"));
    CHECK(found["keys"][0]["type"] == "hash");
    CHECK(found["notes"].dump().find("'pttl'") != std::string::npos);
}

TEST_CASE_FIXTURE(Cache, "what may not be asked of one key is known of the others") {
    client.on("TYPE", [](const FakeClient::Args& args) {
        return args.at(1) == "sess:1" ? Reply::make_error("NOPERM No permissions to access a key")
                                      : Reply::make_status("hash");
    });
    const json found = json::parse(hot({"--json"}).out);
    CHECK(found["keys"][0]["type"] == "hash");
    CHECK(found["keys"][1]["type"] == nullptr);
    CHECK(found["keys"][1]["ttl_ms"] == 300'000);
    CHECK(found["notes"].dump().find("types are not known") != std::string::npos);
}

TEST_CASE_FIXTURE(Cache, "a connection that was closed while we watched is made anew") {
    for (const char* command : {"PING", "TYPE", "PTTL", "MEMORY"}) {
        const auto usual = [this](const FakeClient::Args& args) {
            const FakeKey& key = client.keys.at(args.back());
            return args[0] == "TYPE"   ? Reply::make_status(key.type)
                   : args[0] == "PTTL" ? Reply::make_integer(key.ttl_ms.value_or(-1))
                                       : Reply::make_integer(key.size_bytes);
        };
        client.on(command, [this, usual](const FakeClient::Args& args) {
            if (client.reconnect_calls == 0) {
                return Reply::make_unsent("the server closed the connection");
            }
            return args[0] == "PING" ? Reply::make_status("PONG") : usual(args);
        });
    }
    const RunResult run = hot({"-o", "plain"});
    CHECK(run.code == 0);
    CHECK(client.reconnect_calls == 1);
    CHECK(run.out ==
          "1\tshare_of_looks\thash\t100\tnever\tflag:1\n"
          "1\tshare_of_looks\tstring\t100\t300000\tsess:1\n");
    client.reconnects = false;
    client.reconnect_calls = 0;
    client.answer("PTTL", Reply::make_unsent("the server closed the connection"));
    const RunResult away = hot({"-o", "plain"});
    CHECK(away.out.find("never") == std::string::npos);
    CHECK(away.err.find("times to live are not known") != std::string::npos);
}

TEST_CASE_FIXTURE(Cache, "of a key that has gone there is nothing to know") {
    client.answer("PTTL", Reply::make_integer(-2));
    const json found = json::parse(hot({"--json"}).out);
    CHECK(found["keys"].size() == 2);
    CHECK_FALSE(found["keys"][0].contains("ttl_ms"));
    CHECK(found["notes"].dump().find("not known") == std::string::npos);
}
