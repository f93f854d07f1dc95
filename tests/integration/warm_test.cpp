// warm against real servers: what is in them afterwards, byte for byte, and after what goes wrong.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

Words on(const RedisServer& server, Words words) {
    words.insert(words.begin(), "warm");
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

ProcessResult warm(const RedisServer& server, Words words, ProcessOptions options = {}) {
    return run_cachectl(on(server, std::move(words)), std::move(options));
}

/// The keys that have no TTL.
Words persistent(const RedisServer& server) {
    RespClient client = server.client();
    Words without;
    for (const std::string& key : client.list({"KEYS", "*"})) {
        if (client.integer({"PTTL", key}) == -1) without.push_back(key);
    }
    return without;
}

std::string many_rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "{\"id\":" + std::to_string(i) + "}\n";
    return text;
}

/// Pumps until the server has so many keys.
bool wait_for_keys(Process& process, RespClient& client, std::int64_t keys) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (client.integer({"DBSIZE"}) < keys) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        process.pump(1ms);
    }
    return true;
}

}  // namespace

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

    for (const std::string& as : kinds) CHECK(run(as, {"--if-exists", "overwrite"}) == 0);
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
    for (int i = 0; i < 12'345; ++i) list.push_back("element " + std::to_string(i));
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
    for (int i = 0; i < 5000; ++i) csv += std::to_string(i) + ',' + std::to_string(i % 250) + '\n';
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

TEST_CASE("a server that becomes full stops the run, with figures and the place") {
    RedisServer server;
    RespClient client = server.client();
    const auto rows = [](int begin, int end) {
        std::string text;
        for (int i = begin; i < end; ++i) {
            text += "{\"id\":" + std::to_string(i) + ",\"t\":\"" + std::string(1000, 'x') + "\"}\n";
        }
        return text;
    };
    Process process(cachectl_argv(on(server, {"-", "--key", "c:{id}", "--ttl", "1h", "--json"})),
                    {.keep_stdin_open = true});
    process.write_stdin(rows(0, 1'000));
    REQUIRE(wait_for_keys(process, client, 1'000));
    client.run({"CONFIG", "SET", "maxmemory", "1mb"});
    process.write_stdin(rows(1'000, 2'000));
    process.close_stdin();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(client.integer({"DBSIZE"}) == 1'000);
    CHECK(summary["written"] == 1'000);
    CHECK(summary["failed"] > 0);
    CHECK(summary["complete"] == false);
    CHECK(result.err.find("of 1.0 MiB, and its policy is noeviction); stopped at stdin:1001; 1,000 "
                          "keys had been written") != std::string::npos);
    CHECK(result.err.find("; go on with: cachectl warm … --resume") != std::string::npos);
}

TEST_CASE("a full server stops the run, with the place") {
    RedisServer server({"--maxmemory", "4mb", "--maxmemory-policy", "noeviction"});
    RespClient client = server.client();
    client.run({"ACL", "SETUSER", "default", "-info"});  // or it would see that it does not fit
    const TempDir dir;
    std::string text;
    for (int i = 0; i < 10'000; ++i) {
        text += "{\"id\":" + std::to_string(i) + ",\"t\":\"" + std::string(1000, 'x') + "\"}\n";
    }
    const std::string file = dir.file("a.ndjson", text);
    const ProcessResult result = warm(server, {file, "--key", "c:{id}", "--ttl", "1h", "--json"});
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    const std::int64_t keys = client.integer({"DBSIZE"});
    CHECK(keys > 100);
    CHECK(summary["written"] == keys);
    CHECK(summary["failed"] > 0);
    CHECK(summary["complete"] == false);
    CHECK(summary["records"] < 10'000);
    const auto line = std::to_string(keys + 1);
    CHECK(result.err.find("stopped at " + file + ":" + line + "; ") != std::string::npos);
    CHECK(result.err.find("go on with: cachectl warm … --resume") != std::string::npos);

    // Nothing is written: "refused" rather than "partial".
    CHECK(warm(server, {file, "--key", "d:{id}", "--as", "hash", "--ttl", "1h"}).exit_code == 4);
    CHECK(client.integer({"DBSIZE"}) == keys);
}

TEST_CASE("killed in the midst of hashes, it leaves no key without a TTL and none half-made") {
    RedisServer server;
    const TempDir dir;
    std::string csv = "id,a,b\n";
    for (int i = 0; i < 200'000; ++i) csv += std::to_string(i) + ",x,y\n";
    const std::string file = dir.file("a.csv", csv);
    for (const char* if_exists : {"skip", "overwrite"}) {
        RespClient client = server.client();
        client.run({"FLUSHALL"});
        Process process(cachectl_argv(on(server, {file, "--key", "h:{id}", "--as", "hash", "--ttl",
                                                  "1h", "--if-exists", if_exists})));
        REQUIRE(wait_for_keys(process, client, 1000));
        process.send_signal(SIGKILL);
        CHECK(process.wait().signal == SIGKILL);
        std::this_thread::sleep_for(200ms);  // what was sent may still be executed
        const std::int64_t keys = client.integer({"DBSIZE"});
        CHECK(keys >= 1000);
        CHECK(keys < 200'000);
        CHECK(client.list({"KEYS", "*cachectl*"}).empty());
        std::int64_t whole = 0;
        for (const std::string& key : client.list({"KEYS", "h:*"})) {
            whole += client.integer({"HLEN", key}) == 3 && client.integer({"PTTL", key}) > 0;
        }
        CHECK(whole == keys);
    }
}

TEST_CASE("Ctrl-C in mid-run: the summary says what is in the server") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", many_rows(1'000'000));
    Process process(cachectl_argv(on(server, {file, "--key", "c:{id}", "--ttl", "1h", "--json"})));
    REQUIRE(wait_for_keys(process, client, 1000));
    process.send_signal(SIGINT);
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 130);
    const Json summary = Json::parse(result.out);
    CHECK(summary["written"] == client.integer({"DBSIZE"}));
    CHECK(summary["written"] == summary["records"]);
    CHECK(summary["complete"] == false);
    CHECK(result.err == "cachectl: interrupted; go on with: cachectl warm … --resume\n");
}

TEST_CASE("a server that dies in mid-run: some keys are unknown, and it says how to go on") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", many_rows(1'000'000));
    Process process(cachectl_argv(on(server, {file, "--key", "c:{id}", "--ttl", "1h", "--json"})));
    REQUIRE(wait_for_keys(process, client, 1000));
    server.freeze();
    std::this_thread::sleep_for(200ms);  // some commands are with the server, and no reply is
    server.kill();
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(summary["unknown"] > 0);
    CHECK(summary["keys"].get<int>() == summary["written"].get<int>() +
                                            summary["unknown"].get<int>() +
                                            summary["not_attempted"].get<int>());
    CHECK(result.err.find("go on with: cachectl warm … --resume") != std::string::npos);
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

TEST_CASE("without a server: an error, or a warning where that was allowed") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", "{\"id\":1}\n");
    const std::string nowhere = dir.path() / "no.sock";
    const Words words = {"warm", file, "--key", "c:{id}", "--ttl", "1h", "-s", nowhere};
    CHECK(run_cachectl(words).exit_code == 3);
    Words allowed = words;
    allowed.insert(allowed.end(), {"--if-unavailable", "skip"});
    const ProcessResult result = run_cachectl(allowed);
    CHECK(result.exit_code == 0);
    CHECK(result.out.empty());
    CHECK(result.err == "cachectl: warning: cannot connect to " + nowhere +
                            ": No such file or directory; nothing was written, and "
                            "--if-unavailable skip makes that no error\n");
    allowed.emplace_back("--json");
    const Json summary = Json::parse(run_cachectl(allowed).out);
    CHECK(summary["written"] == 0);
    CHECK(summary["complete"] == false);

    // A server that has not yet loaded its dataset is unavailable too.
    FakeServer loading(answer(polite_redis({{"INFO", resp::bulk("loading:1\r\n")}})));
    allowed = {"warm",
               file,
               "--key",
               "c:{id}",
               "--if-unavailable",
               "skip",
               "-p",
               std::to_string(loading.port())};
    CHECK(run_cachectl(allowed).exit_code == 0);
    CHECK(loading.count("SET") == 0);
}

TEST_CASE("few rights are enough, and too few leave nothing behind") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.csv", "id,v\n1,x\n2,y\n");
    client.run({"ACL", "SETUSER", "writer", "on", ">pw", "~h:*", "+hello", "+auth", "+select",
                "+set", "+hset", "+pexpire", "+renamenx", "+unlink", "+multi", "+exec"});
    client.run({"ACL", "SETUSER", "poor", "on", ">pw", "~h:*", "+hello", "+auth", "+set", "+hset",
                "+pexpire", "+renamenx", "+unlink"});
    const auto run = [&](const std::string& user, const std::string& key, const std::string& as) {
        return warm(server,
                    {file, "--key", key, "--as", as, "--ttl", "1h", "--user", user, "-a", "pw"});
    };
    // The temporary name of a hash is covered by the same ~pattern.
    CHECK(run("writer", "h:{id}", "hash").exit_code == 0);
    CHECK(client.integer({"DBSIZE"}) == 2);
    CHECK(persistent(server).empty());
    CHECK(run("writer", "other:{id}", "json").exit_code == 4);
    client.run({"FLUSHALL"});
    const ProcessResult result = run("poor", "h:{id}", "hash");
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("the user lacks the ACL rule +multi") != std::string::npos);
    CHECK(client.integer({"DBSIZE"}) == 0);
}

TEST_CASE("what was written is told even if stdout is closed or full") {
    RedisServer server;
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", many_rows(10));
    const ProcessResult full =
        warm(server, {file, "--key", "c:{id}", "--ttl", "1h"}, {.stdout_path = "/dev/full"});
    CHECK(full.exit_code == 7);
    CHECK(full.err.find("wrote 10 records as 10 keys") != std::string::npos);

    Process process(cachectl_argv(on(server, {"-", "--key", "d:{id}", "--ttl", "1h"})),
                    {.keep_stdin_open = true});
    process.close_stdout();
    process.write_stdin(many_rows(10));
    process.close_stdin();
    const ProcessResult closed = process.wait();
    CHECK(closed.exit_code == 0);
    CHECK(closed.err.find("wrote 10 records as 10 keys") != std::string::npos);
}

TEST_CASE("a full disk under the reject file stops the run") {
    RedisServer server;
    const TempDir dir;
    std::string csv = "id\n";
    for (int i = 0; i < 5000; ++i) csv += "a,b\n";
    const std::string file = dir.file("a.csv", csv);
    // The limit on a file's size stands in for the disk's: 64 blocks of 1,024 bytes.
    const std::string command = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    Words words = {"bash", "-c", command};
    const Words argv =
        cachectl_argv(on(server, {file, "--key", "c:{id}", "--max-errors", "9999", "--reject-file",
                                  (dir.path() / "rejects").string()}));
    words.insert(words.end(), argv.begin(), argv.end());
    const ProcessResult result = run_process(words);
    CHECK(result.exit_code == 7);
    CHECK(result.err.find("cannot write to " + (dir.path() / "rejects").string()) !=
          std::string::npos);
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
