// warm against real servers: what is in them afterwards, byte for byte.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/pty.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

TEST_CASE("numbers and text arrive as they were written") {
    RedisServer server;
    const TempDir dir;
    const std::string row = R"({"id":9007199254740993,"a":1e400,"b":-0.0,"c":1.10,"t":"caf\u00e9 )"
                            "\xf0\x9f\x98\x80"
                            R"(","n":null,"x":{"y":[true,"\ud83d\ude00"]}})";
    const std::string file = dir.file("a.ndjson", row + "\n");
    REQUIRE(warm(server, {file, "--key", "j:{id}", "--ttl", "1h"}).exit_code == 0);
    REQUIRE(warm(server, {file, "--key", "h:{id}", "--as", "hash", "--ttl", "1h"}).exit_code == 0);
    RespClient client = server.client();
    CHECK(client.text({"GET", "j:9007199254740993"}) == row);
    CHECK(client.list({"HGETALL", "h:9007199254740993"}) ==
          Words{"id", "9007199254740993", "a", "1e400", "b", "-0.0", "c", "1.10", "t",
                "caf\xc3\xa9 \xf0\x9f\x98\x80", "x", R"({"y":[true,"\ud83d\ude00"]})"});
    CHECK(persistent(server).empty());
}

TEST_CASE("bytes of a CSV that are no text arrive too") {
    RedisServer server;
    const TempDir dir;
    const std::string value = "a\0b\xff\r\nc, \"d\""s;
    const std::string file = dir.file("a.csv", "id,v\r\n1,\"a\0b\xff\r\nc, \"\"d\"\"\"\r\n"s);
    REQUIRE(warm(server, {file, "--key", "s:{id}", "--value", "{v}", "--ttl", "1h"}).exit_code ==
            0);
    REQUIRE(warm(server, {file, "--key", "{v}", "--as", "hash", "--ttl", "1h"}).exit_code == 0);
    RespClient client = server.client();
    CHECK(client.text({"GET", "s:1"}) == value);
    CHECK(client.list({"HGETALL", value}) == Words{"id", "1", "v", value});
    // JSON cannot hold it, and says so instead of holding something else.
    const ProcessResult result = warm(server, {file, "--key", "j:{id}", "--ttl", "1h"});
    CHECK(result.exit_code == 6);
    CHECK(result.err.find(":2: column 'v' is not UTF-8, so it cannot be JSON") !=
          std::string::npos);
}

TEST_CASE("each kind of value, skipped where something is and overwritten on demand") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,m,s\n1,x,1.5\n2,y,-2\n");
    const auto run = [&](const std::string& as, Words more) {
        Words words = {file, "--key", as + ":{id}", "--as", as, "--columns", "m,s", "--ttl", "1h"};
        words.insert(words.end(), more.begin(), more.end());
        return warm(server, words).exit_code;
    };
    const auto check_values = [&](const std::string& id, const std::string& member,
                                  const std::string& score) {
        CHECK(client.list({"HGETALL", "hash:" + id}) == Words{"m", member, "s", score});
        CHECK(client.list({"LRANGE", "list:" + id, "0", "-1"}) == Words{member, score});
        Words set = client.list({"SMEMBERS", "set:" + id});
        std::sort(set.begin(), set.end());
        CHECK(set == Words{std::min(member, score), std::max(member, score)});
        CHECK(client.list({"ZRANGE", "zset:" + id, "0", "-1", "WITHSCORES"}) ==
              Words{member, score});
    };
    const Words kinds = {"hash", "list", "set", "zset"};
    for (const std::string& as : kinds) {
        client.run({"SET", as + ":1", "old"});
        CHECK(run(as, {}) == 0);
        CHECK(client.text({"GET", as + ":1"}) == "old");
        CHECK(client.integer({"PTTL", as + ":2"}) > 3'590'000);
    }
    check_values("2", "y", "-2");
    CHECK(client.integer({"DBSIZE"}) == 8);  // no temporary key is left

    for (const std::string& as : kinds) {
        CHECK(run(as, {"--if-exists", "overwrite"}) == 0);
    }
    check_values("1", "x", "1.5");
    check_values("2", "y", "-2");
    CHECK(client.integer({"DBSIZE"}) == 8);
    CHECK(persistent(server).empty());

    // Protected keys are left alone, also by a transaction.
    client.run({"SET", "hash:1", "mine"});
    CHECK(run("hash", {"--if-exists", "overwrite", "--protect", "hash:1"}) == 0);
    CHECK(client.text({"GET", "hash:1"}) == "mine");
}

TEST_CASE("long lists are written whole") {
    RedisServer server;
    const TempDir dir;
    Json list;
    for (int i = 0; i < 12'345; ++i) {
        list.push_back("element " + std::to_string(i));
    }
    const std::string file = dir.file("a.json", Json({{"long", list}}).dump());
    REQUIRE(warm(server, {file, "--as", "list", "--ttl", "1h"}).exit_code == 0);
    RespClient client = server.client();
    CHECK(client.list({"LRANGE", "long", "0", "-1"}) == list.get<Words>());
    CHECK(client.integer({"PTTL", "long"}) > 3'590'000);
}

TEST_CASE("jitter spreads the expiry, and never lengthens it") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", many_rows(2000));
    REQUIRE(
        warm(server, {file, "--key", "c:{id}", "--ttl", "1000s", "--jitter", "10%"}).exit_code ==
        0);
    RespClient client = server.client();
    std::int64_t least = 1'000'000;
    std::int64_t most = 0;
    for (int i = 0; i < 2000; ++i) {
        const std::int64_t ttl = client.integer({"PTTL", "c:" + std::to_string(i)});
        least = std::min(least, ttl);
        most = std::max(most, ttl);
    }
    CHECK(least > 880'000);
    CHECK(least < 905'000);
    CHECK(most <= 1'000'000);
    CHECK(most > 980'000);
}

TEST_CASE("6,740 records become one key") {
    RedisServer server;
    const TempDir dir;
    Json records;
    for (int i = 1; i <= 6740; ++i) {
        records.push_back({{"code", std::to_string(i)}, {"tarif", i * 1.25}});
    }
    const std::string file = dir.file("codes.json", records.dump(2));
    const ProcessResult result =
        warm(server, {file, "--collect", "ramq:codes:all", "--ttl", "1h", "--json"});
    REQUIRE(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["records"] == 6740);
    CHECK(summary["keys"] == 1);
    CHECK(summary["written"] == 1);
    CHECK(summary["complete"] == true);
    RespClient client = server.client();
    CHECK(client.list({"KEYS", "*"}) == Words{"ramq:codes:all"});
    CHECK(Json::parse(client.text({"GET", "ramq:codes:all"})) == records);
    CHECK(client.integer({"PTTL", "ramq:codes:all"}) > 3'590'000);
}

TEST_CASE("rows are grouped by tenant") {
    RedisServer server;
    const TempDir dir;
    std::string csv = "id,tenant_id\n";
    for (int i = 0; i < 5000; ++i) {
        csv += std::to_string(i) + ',' + std::to_string(i % 250) + '\n';
    }
    const std::string file = dir.file("dispatches.csv", csv);
    REQUIRE(
        warm(server, {file, "--group", "dispatches:list:{tenant_id}", "--ttl", "5m"}).exit_code ==
        0);
    RespClient client = server.client();
    CHECK(client.integer({"DBSIZE"}) == 250);
    const Json list = Json::parse(client.text({"GET", "dispatches:list:7"}));
    REQUIRE(list.size() == 20);
    CHECK(list[1] == Json({{"id", "257"}, {"tenant_id", "7"}}));
    CHECK(persistent(server).empty());
}

TEST_CASE("rows from a pipe are written while it stays open, and Ctrl-C ends the waiting") {
    RedisServer server;
    RespClient client = server.client();
    Process process(cachectl_argv(on(server, {"-", "--key", "c:{id}", "--ttl", "1h", "--json"})),
                    {.keep_stdin_open = true});
    // The first half kilobyte is looked at before anything is read.
    process.write_stdin(many_rows(100) + "{\"id\":");
    REQUIRE(wait_for_keys(process, client, 100));
    process.write_stdin("100}\n{\"id\":101}\n");
    REQUIRE(wait_for_keys(process, client, 102));
    process.send_signal(SIGINT);
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 130);
    CHECK(Json::parse(result.out)["written"] == 102);
}

TEST_CASE("a connection that is closed while the dump makes us wait is made anew") {
    RedisServer server({"--timeout", "1"});
    RespClient client = server.client();
    Process process(cachectl_argv(on(server, {"-", "--key", "c:{id}", "--ttl", "1h"})),
                    {.keep_stdin_open = true});
    process.write_stdin(many_rows(100));
    REQUIRE(wait_for_keys(process, client, 100));
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (client.text({"CLIENT", "LIST", "TYPE", "normal"}).find("name=cachectl") !=
               std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
        process.pump(50ms);
    }
    process.write_stdin("{\"id\":100}\n");
    process.close_stdin();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(client.integer({"DBSIZE"}) == 101);
}

TEST_CASE("a dump on stdin") {
    RedisServer server;
    const ProcessResult result = warm(server, {"-", "--ttl", "1h"}, {.stdin_bytes = R"({"a": 1})"});
    CHECK(result.exit_code == 0);
    CHECK(server.client().text({"GET", "a"}) == "1");
    const ProcessResult broken =
        warm(server, {"-", "--key", "c:{id}", "--ttl", "1h"}, {.stdin_bytes = "[{\"id\":1},{\"id"});
    CHECK(broken.exit_code == 6);
    CHECK(broken.err.find("stdin:1: ") != std::string::npos);
    CHECK(broken.err.find("; 1 key had been written\n") != std::string::npos);
    CHECK(warm(server, {"-"}).exit_code == 6);
}

TEST_CASE("on a terminal, long work shows how far it has come") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", many_rows(1'000'000));
    PtyProcess process(cachectl_argv(on(server, {file, "--key", "c:{id}", "--ttl", "1h"})));
    CHECK(process.expect(" % "));
    CHECK(process.expect(" records  "));
    process.wait();
}
