#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

// The command's clock stands at 2023-11-14T22:13:20Z.
FakeClient course_cache() {
    FakeClient client;
    client.keys["course:1"] = {.ttl_ms = 60'000};
    client.keys["course:2"] = {};
    client.keys["sess:a"] = {.ttl_ms = 3'600'500};
    return client;
}

}  // namespace

TEST_CASE("ttl into a pipe: milliseconds, date and key") {
    FakeClient client = course_cache();
    const RunResult run = run_with(client, {"ttl"});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "60000\t2023-11-14T22:14:20Z\tcourse:1\n"
          "never\t-\tcourse:2\n"
          "3600500\t2023-11-14T23:13:20Z\tsess:a\n");
    CHECK(run.err.empty());
    CHECK(client.lines() == std::vector<std::string>{"SCAN 0 COUNT 500", "PTTL course:1",
                                                     "PTTL course:2", "PTTL sess:a"});
}

TEST_CASE("ttl on a terminal") {
    FakeClient client = course_cache();
    client.keys["odd\x1b[2J\n"] = {};
    CHECK(run_with(client, {"ttl"}, {.terminal = true}).out ==
          "  TTL  EXPIRES (UTC)        KEY\n"
          "   1m  2023-11-14 22:14:20  course:1\n"
          "never  -                    course:2\n"
          "never  -                    odd\\x1b[2J\\x0a\n"
          "   1h  2023-11-14 23:13:20  sess:a\n");
    CHECK(run_with(client, {"ttl", "odd*", "-o", "plain"}, {.terminal = true}).out ==
          "never\t-\todd\\x1b[2J\\x0a\n");
}

TEST_CASE("ttl as JSON, NDJSON and CSV has the contract's fields") {
    FakeClient client = course_cache();
    CHECK(
        run_with(client, {"ttl", "course:*", "--json"}).out ==
        "[\n"
        R"(  {"key": "course:1", "exists": true, "ttl_ms": 60000, "expires_at": "2023-11-14T22:14:20Z"},)"
        "\n"
        R"(  {"key": "course:2", "exists": true, "ttl_ms": null, "expires_at": null})"
        "\n]\n");
    CHECK(run_with(client, {"ttl", "course:2", "-o", "ndjson"}).out ==
          R"({"key":"course:2","exists":true,"ttl_ms":null,"expires_at":null})"
          "\n");
    CHECK(run_with(client, {"ttl", "course:*", "-o", "csv"}).out ==
          "key,exists,ttl_ms,expires_at\r\n"
          "course:1,true,60000,2023-11-14T22:14:20Z\r\n"
          "course:2,true,,\r\n");
    CHECK(run_with(client, {"ttl", "none*", "--json"}).out == "[]\n");
}

TEST_CASE("a listed key that does not exist is shown as missing") {
    FakeClient client = course_cache();
    const TempDir dir;
    const std::string list = dir.file("keys", "course:1\ngone\ncourse:2\n");
    const RunResult run = run_with(client, {"ttl", "--keys-from", list});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "60000\t2023-11-14T22:14:20Z\tcourse:1\n"
          "missing\t-\tgone\n"
          "never\t-\tcourse:2\n");
    CHECK(client.count("SCAN") == 0);
    CHECK(run_with(client, {"ttl", "--keys-from", list, "--exclude", "course*", "--json"}).out ==
          "[\n"
          R"(  {"key": "gone", "exists": false, "ttl_ms": null, "expires_at": null})"
          "\n]\n");
}

TEST_CASE("a filter on the TTL leaves missing keys out, and says how many") {
    FakeClient client = course_cache();
    const TempDir dir;
    const std::string list = dir.file("keys", std::string("gone\0course:2\0", 14));
    const RunResult run = run_with(client, {"ttl", "--keys-from", list, "-0", "--no-ttl"});
    CHECK(run.out == std::string("never\t-\tcourse:2\0", 17));
    CHECK(run.err == "cachectl: 1 key was gone before we could look\n");
}

TEST_CASE("a key that goes away under a walk is not shown") {
    FakeClient client = course_cache();
    client.on("PTTL", [](const FakeClient::Args& args) {
        return cachectl::Reply::make_integer(args[1] == "course:1" ? -2 : -1);
    });
    const RunResult run = run_with(client, {"ttl", "course:*"});
    CHECK(run.out == "never\t-\tcourse:2\n");
    CHECK(run.err == "cachectl: 1 key was gone before we could look\n");
}

TEST_CASE("--summary sums up") {
    FakeClient client = course_cache();
    const RunResult run = run_with(client, {"ttl", "--summary", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(
        run.out ==
        R"({"keys":3,"persistent":1,"expiring":2,"min_ms":60000,"p50_ms":60032,"p90_ms":3596288,)"
        R"("max_ms":3600500,"buckets":[{"le_ms":60000,"keys":1},{"le_ms":300000,"keys":0},)"
        R"({"le_ms":900000,"keys":0},{"le_ms":3600000,"keys":0},{"le_ms":21600000,"keys":1},)"
        R"({"le_ms":86400000,"keys":0},{"le_ms":604800000,"keys":0},{"le_ms":2592000000,"keys":0},)"
        R"({"le_ms":null,"keys":0}],"sampled":false,"complete":true})"
        "\n");
    CHECK(run_with(client, {"ttl", "--summary", "course:2"}).out ==
          "keys\t1\npersistent\t1\nexpiring\t0\nmin_ms\t-\np50_ms\t-\np90_ms\t-\nmax_ms\t-\n"
          "bucket_le_ms_60000\t0\nbucket_le_ms_300000\t0\nbucket_le_ms_900000\t0\n"
          "bucket_le_ms_3600000\t0\nbucket_le_ms_21600000\t0\nbucket_le_ms_86400000\t0\n"
          "bucket_le_ms_604800000\t0\nbucket_le_ms_2592000000\t0\nbucket_above\t0\n");
    CHECK(run_with(client, {"ttl", "--summary", "-o", "csv"})
              .out.starts_with("name,value\r\nkeys,3\r\npersistent,1\r\n"));
}

TEST_CASE("--summary is drawn on a terminal") {
    FakeClient client = course_cache();
    client.keys["sess:b"] = {.ttl_ms = 50'000};
    CHECK(run_with(client, {"ttl", "--summary"}, {.terminal = true}).out ==
          "EXPIRES    KEYS   SHARE\n"
          "up to 1m      2  50.0 %  ████████████\n"
          "1m to 5m      0   0.0 %\n"
          "5m to 15m     0   0.0 %\n"
          "15m to 1h     0   0.0 %\n"
          "1h to 6h      1  25.0 %  ██████\n"
          "6h to 1d      0   0.0 %\n"
          "1d to 7d      0   0.0 %\n"
          "7d to 30d     0   0.0 %\n"
          "over 30d      0   0.0 %\n"
          "never         1  25.0 %  ██████\n"
          "\n"
          "4 keys: the first expires in 50s, half of those that do in 1m, 90 % in 59m\n"
          "  56s, the last in 1h\n");
    client.keys.clear();
    CHECK(run_with(client, {"ttl", "--summary"}, {.terminal = true}).out == "no keys\n");
}

TEST_CASE("a summary starts anew with the walk, so that no key counts twice") {
    FakeClient client = course_cache();
    client.scan_page = 2;
    client.same_server_after_reconnect = false;
    bool lost = false;
    client.on("SCAN", [&](const FakeClient::Args& args) {
        if (args[1] == "2" && !lost) {
            lost = true;
            return cachectl::Reply{cachectl::Reply::Type::lost, 0, "connection reset", {}};
        }
        const bool first = args[1] == "0";
        using cachectl::Reply;
        return Reply::make_array(
            {Reply::make_string(first ? "2" : "0"),
             Reply::make_array(
                 first ? std::vector{Reply::make_string("course:1"), Reply::make_string("course:2")}
                       : std::vector{Reply::make_string("sess:a")})});
    });
    const RunResult run = run_with(client, {"ttl", "--summary"});
    CHECK(run.code == 0);
    CHECK(run.out.starts_with("keys\t3\npersistent\t1\nexpiring\t2\n"));
    CHECK(client.reconnect_calls == 1);
}

TEST_CASE("a summary of a walk that was cut short says that it is not complete") {
    FakeClient client = course_cache();
    client.scan_page = 2;
    client.reconnects = false;
    client.on("SCAN", [&](const FakeClient::Args& args) {
        using cachectl::Reply;
        if (args[1] != "0") {
            return Reply{Reply::Type::lost, 0, "connection reset", {}};
        }
        return Reply::make_array(
            {Reply::make_string("2"), Reply::make_array({Reply::make_string("course:1")})});
    });
    const RunResult run = run_with(client, {"ttl", "--summary", "-o", "ndjson"});
    CHECK(run.code == 5);
    CHECK(run.out.starts_with(R"({"keys":1,)"));
    CHECK(run.out.ends_with("\"complete\":false}\n"));
    CHECK(run.err.starts_with(R"({"error":{"code":5,"id":"partial",)"));
    CHECK(run.err.find("cannot connect to fake:6379 (the list is not complete)") !=
          std::string::npos);
}

TEST_CASE("a server that refuses to tell TTLs is refused before anything is shown") {
    FakeClient client = course_cache();
    client.on("PTTL", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error(
            "NOPERM User bob has no permissions to run the 'pttl' command");
    });
    const RunResult run = run_with(client, {"ttl"});
    CHECK(run.out.empty());
    CHECK(run.err ==
          "cachectl: error: cannot look at keys: NOPERM User bob has no permissions to run the "
          "'pttl' command\ncachectl: the user lacks the ACL rule +pttl\n");
    CHECK(run.code == 4);
}
