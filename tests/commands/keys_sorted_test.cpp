// keys --sort and keys --count: the whole command against a fake server.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/fake_client.hpp"

using namespace cachectl::test;

namespace {

FakeClient course_cache() {
    FakeClient client;
    client.keys["course:1"] = {.ttl_ms = 60'000, .size_bytes = 100, .idle_s = 5};
    client.keys["course:2"] = {.type = "hash", .size_bytes = 5'000'000};
    client.keys["sess:a"] = {.ttl_ms = 3'600'000, .idle_s = 90};
    return client;
}

}  // namespace

TEST_CASE("--sort shows the first of an order, with what it goes by") {
    FakeClient client = course_cache();
    CHECK(run_with(client, {"keys", "--sort", "size"}).out ==
          "5000000\tcourse:2\n100\tcourse:1\n64\tsess:a\n");
    CHECK(client.count("TYPE") + client.count("PTTL") + client.count("OBJECT") == 0);
    CHECK(run_with(client, {"keys", "--sort", "size", "--limit", "1", "--json"}).out ==
          "[\n  {\"key\": \"course:2\", \"size_bytes\": 5000000}\n]\n");
    CHECK(run_with(client, {"keys", "--sort", "ttl"}).out ==
          "60000\tcourse:1\n3600000\tsess:a\nnever\tcourse:2\n");
    CHECK(run_with(client, {"keys", "--sort", "idle", "--limit", "2"}).out ==
          "90\tsess:a\n5\tcourse:1\n");
    CHECK(run_with(client, {"keys", "--sort", "name", "--limit", "2"}).out ==
          "course:1\ncourse:2\n");
    CHECK(run_with(client, {"keys", "--sort", "size", "-l", "--limit", "1"}).out ==
          "hash\tnever\t5000000\t0\tcourse:2\n");
    CHECK(run_with(client, {"keys", "--sort", "age"}).code == 2);
}

TEST_CASE("--sort without --limit shows 100, and says of how many") {
    FakeClient client;
    for (int i = 0; i < 250; ++i) {
        client.keys["k" + std::to_string(1'000 + i)] = {.size_bytes = i};
    }
    const RunResult run = run_with(client, {"keys", "--sort", "size"});
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 100);
    CHECK(run.out.starts_with("249\tk1249\n248\t"));
    CHECK(run.err ==
          "cachectl: the first 100 of 250 keys; --limit N shows another number of them\n");
    CHECK(run_with(client, {"keys", "--sort", "size", "--limit", "7"}).err.empty());
}

TEST_CASE("what --sort goes by has to be known") {
    FakeClient client = course_cache();
    client.on("MEMORY", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error("NOPERM no permissions to run the 'memory|usage'");
    });
    CHECK(run_with(client, {"keys", "--sort", "size"}).code == 4);
    client.on("OBJECT", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error("ERR An LFU maxmemory policy is selected");
    });
    const RunResult run = run_with(client, {"keys", "--sort", "idle"});
    CHECK(run.code == 4);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("cachectl: error: the server keeps no idle times under an LFU"));
}

TEST_CASE("--count is the number alone, with all filters") {
    FakeClient client = course_cache();
    CHECK(run_with(client, {"keys", "--count"}).out == "3\n");
    CHECK(run_with(client, {"keys", "--count", "course:*", "--no-ttl"}).out == "1\n");
    CHECK(run_with(client, {"keys", "--count", "none:*"}).out == "0\n");
    CHECK(run_with(client, {"keys", "--count", "--json"}).out ==
          "{\n  \"keys\": 3,\n  \"complete\": true\n}\n");
    CHECK(run_with(client, {"keys", "--count", "-o", "csv"}).out == "keys\r\n3\r\n");
    CHECK(run_with(client, {"keys", "--count", "--sort", "size"}).code == 2);
    CHECK(run_with(client, {"keys", "--count", "-l"}).code == 2);
    for (int i = 0; i < 2'000; ++i) {
        client.keys["k" + std::to_string(i)] = {};
    }
    CHECK(run_with(client, {"keys", "--count"}, {.terminal = true}).out == "2,003\n");
}

TEST_CASE("a sorted listing and a count start anew with the walk") {
    for (const bool counts : {true, false}) {
        FakeClient client = course_cache();
        client.same_server_after_reconnect = false;
        bool lost = false;
        client.on("SCAN", [&](const FakeClient::Args& args) {
            using cachectl::Reply;
            if (args[1] == "2" && !lost) {
                lost = true;
                client.keys.erase("course:2");
                return Reply{Reply::Type::lost, 0, "connection reset", {}};
            }
            const bool first = args[1] == "0";
            return Reply::make_array(
                {Reply::make_string(first ? "2" : "0"),
                 Reply::make_array({Reply::make_string(!first ? "sess:a"
                                                       : lost ? "course:1"
                                                              : "course:2")})});
        });
        const RunResult run = counts ? run_with(client, {"keys", "--count"})
                                     : run_with(client, {"keys", "--sort", "size", "--limit", "9"});
        CHECK(run.code == 0);
        CHECK(run.out == (counts ? "2\n" : "100\tcourse:1\n64\tsess:a\n"));
    }
}
