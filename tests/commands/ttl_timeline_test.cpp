// ttl --timeline: the whole command against a fake server.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl::test;
using cachectl::SteadyTime;

namespace {

/// Whose clock stands still, so that every key falls into its cell.
RunOptions at_rest(bool terminal = false) {
    return {.terminal = terminal, .now = [] { return SteadyTime(std::chrono::hours(1)); }};
}

FakeClient cache() {
    FakeClient client;
    for (int i = 0; i < 1'500; ++i) {
        client.keys["dispatch:" + std::to_string(i)] = {.ttl_ms = 300'000};
    }
    for (int i = 0; i < 60; ++i) {
        client.keys["cache:" + std::to_string(i)] = {.ttl_ms = i * 60'000 + 1};
    }
    client.keys["sess:a"] = {.ttl_ms = 86'400'000};
    client.keys["tmp\x1b:b"] = {};
    return client;
}

}  // namespace

TEST_CASE("the timeline is drawn on a terminal, with the cliff and what helps") {
    FakeClient client = cache();
    const RunResult run = run_with(client, {"ttl", "--timeline", "1h"}, at_rest(true));
    CHECK(run.code == 0);
    CHECK(run.out ==
          "When do keys expire? the next hour, 1m 30s a cell\n"
          "· none   ▁▂▃▄▅▆▇█ of the fullest, 1,501\n"
          "\n"
          "          now       15m       30m       45m         IN 1H  LATER  NEVER\n"
          "dispatch  ···▇····································  1,500      0      0\n"
          "cache     ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁     60      0      0\n"
          "sess      ········································      0      1      0\n"
          "tmp\\x1b   ········································      0      0      1\n"
          "all       ▁▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  1,560      1      1\n"
          "\n"
          "cliff    in 5m, within 10s: all 1,500 keys of dispatch: the database is asked\n"
          "         for them at once\n"
          "         cachectl expire 'dispatch:*' --set 30m --jitter 50% spreads them\n");
}

TEST_CASE("the timeline for scripts") {
    FakeClient client;
    client.keys["a:1"] = {.ttl_ms = 0};
    client.keys["a:2"] = {.ttl_ms = 59'999};
    client.keys["a:3"] = {.ttl_ms = 60'000};
    client.keys["b"] = {};
    const RunResult json = run_with(client, {"ttl", "--timeline", "1m", "-o", "ndjson"}, at_rest());
    CHECK(json.code == 0);
    CHECK(json.out.starts_with(R"({"from":"2023-11-14T22:13:20Z","span_ms":60000,"cell_ms":1000,)"
                               R"("namespaces":[{"namespace":"a","cells":[1,0,0,)"));
    CHECK(json.out.find(
              R"~(,0,1],"within":2,"later":1,"never":0},{"namespace":"(none)","cells":[)~") !=
          std::string::npos);
    CHECK(json.out.ends_with(
        R"("within":2,"later":1,"never":1},"cliffs":[],"sampled":false,"complete":true})"
        "\n"));
    CHECK(run_with(client, {"ttl", "--timeline", "1m", "-o", "csv"}, at_rest()).out ==
          "namespace,from_ms,to_ms,keys\r\n"
          "a,0,1000,1\r\na,59000,60000,1\r\na,60000,,1\r\n(none),,,1\r\n");
    CHECK(run_with(client, {"ttl", "--timeline", "1m"}, at_rest()).out ==
          "a\t0\t1000\t1\na\t59000\t60000\t1\na\t60000\t-\t1\n(none)\tnever\t-\t1\n");
}

TEST_CASE("a timeline of nothing, and spans that are none") {
    FakeClient client;
    CHECK(run_with(client, {"ttl", "--timeline", "1h"}, at_rest(true)).out == "no keys\n");
    CHECK(run_with(client, {"ttl", "--timeline", "0"}).code == 2);
    CHECK(run_with(client, {"ttl", "--timeline", "500ms"}).code == 2);
    CHECK(run_with(client, {"ttl", "--timeline", "1h", "--summary"}).code == 2);
    CHECK(run_with(client, {"ttl", "--sample", "10"}).code == 2);
    CHECK(client.lines().size() == 1);
}

TEST_CASE("a user without the right to PTTL is refused") {
    FakeClient client = cache();
    client.on("PTTL", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error("NOPERM no permissions to run the 'pttl' command");
    });
    const RunResult run = run_with(client, {"ttl", "--timeline", "1h"});
    CHECK(run.code == 4);
    CHECK(run.out.empty());
}
