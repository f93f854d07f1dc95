// warm where something ends it: a server that is full or dies, a signal, a closed pipe, a full
// disk, missing rights. What is in the server then, and what is told.
#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/fake_server.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

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
    // The first line whose key is not there: a key behind it may have found room again, where the
    // server has freed a table meanwhile.
    const std::string before = "stopped at " + file + ":";
    const auto at = result.err.find(before);
    REQUIRE(at != std::string::npos);
    const std::int64_t line = std::stoll(result.err.substr(at + before.size()));
    CHECK(line <= keys + 1);
    CHECK(line > keys - 100);
    CHECK(client.integer({"EXISTS", "c:" + std::to_string(line - 1)}) == 0);
    for (std::int64_t id = 0; id < line - 1; ++id) {
        CAPTURE(id);
        CHECK(client.integer({"EXISTS", "c:" + std::to_string(id)}) == 1);
    }
    CHECK(result.err.find("go on with: cachectl warm … --resume") != std::string::npos);

    // Nothing is written: "refused" rather than "partial".
    CHECK(warm(server, {file, "--key", "d:{id}", "--as", "hash", "--ttl", "1h"}).exit_code == 4);
    CHECK(client.integer({"DBSIZE"}) == keys);
}

TEST_CASE("killed in the midst of hashes, it leaves no key without a TTL and none half-made") {
    RedisServer server;
    const TempDir dir;
    std::string csv = "id,a,b\n";
    for (int i = 0; i < 200'000; ++i) {
        csv += std::to_string(i) + ",x,y\n";
    }
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

TEST_CASE("without a server: an error, or a warning where that was allowed") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", "{\"id\":1}\n");
    // Nobody listens on TCP's port 1.
    const Words words = {"warm", file, "--key",     "c:{id}", "--ttl",
                         "1h",   "-h", "127.0.0.1", "-p",     "1"};
    CHECK(run_cachectl(words).exit_code == 3);
    Words allowed = words;
    allowed.insert(allowed.end(), {"--if-unavailable", "skip"});
    const ProcessResult result = run_cachectl(allowed);
    CHECK(result.exit_code == 0);
    CHECK(result.out.find("wrote nothing on 127.0.0.1:1: read 1 record in ") == 0);
    CHECK(result.err ==
          "cachectl: warning: cannot connect to 127.0.0.1:1: Connection refused; nothing will be "
          "written, and --if-unavailable skip makes that no error\n");
    // The input is read all the same, and a path that is wrong is no server that is away.
    Words bad = allowed;
    bad[1] = dir.file("b.ndjson", "{\"id\":1}\n{oops\n");
    CHECK(run_cachectl(bad).exit_code == 6);
    for (const std::string& path : {(dir.path() / "no.sock").string(), file, dir.path().string()}) {
        CAPTURE(path);
        CHECK(
            run_cachectl({"warm", file, "--key", "c:{id}", "-s", path, "--if-unavailable", "skip"})
                .exit_code == 3);
    }
    for (const Words& server :
         {Words{"--sentinel", "127.0.0.1:1,127.0.0.1:2", "--master-name", "m"},
          Words{"-u", "redis+sentinel://127.0.0.1:1/m"}}) {
        Words by_sentinels = {"warm", file, "--key", "c:{id}"};
        by_sentinels.insert(by_sentinels.end(), server.begin(), server.end());
        CHECK(run_cachectl(by_sentinels).exit_code == 3);
        by_sentinels.insert(by_sentinels.end(), {"--if-unavailable", "skip"});
        const ProcessResult skipped = run_cachectl(by_sentinels);
        CHECK(skipped.exit_code == 0);
        CHECK(skipped.err.find("no Sentinel answers: ") != std::string::npos);
    }
    // Something that speaks is no Sentinel that is away.
    FakeServer no_sentinel(answer(polite_redis()));
    CHECK(run_cachectl({"warm", file, "--key", "c:{id}", "--if-unavailable", "skip", "--sentinel",
                        "127.0.0.1:" + std::to_string(no_sentinel.port()), "--master-name", "m"})
              .exit_code == 3);
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
    std::string csv = "id,x\n";
    for (int i = 0; i < 5000; ++i) {
        csv += "a,b,c\n";
    }
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
