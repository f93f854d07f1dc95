// invalidate against real servers: what is deleted, what is not, and what is said when it fails.
#include <doctest/doctest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

std::vector<std::string> on(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

ProcessResult invalidate(const RedisServer& server, std::vector<std::string> words,
                         ProcessOptions options = {}) {
    words.insert(words.begin(), "invalidate");
    return run_cachectl(on(server, std::move(words)), std::move(options));
}

void fill(RedisServer& server, const std::string& prefix, std::size_t count) {
    server.client().pipeline(count, [&](std::size_t i) {
        return RespClient::Args{"SET", prefix + std::to_string(i), "x"};
    });
}

/// Starts a slow deletion of `keys` keys "k:…" and returns when a tenth of them is gone.
std::unique_ptr<Process> start_slow_deletion(RedisServer& server, std::int64_t keys) {
    auto process = std::make_unique<Process>(cachectl_argv(
        on(server, {"invalidate", "k:*", "--yes", "--json", "--size-over", "1", "--no-ttl"})));
    RespClient client = server.client();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (client.integer({"DBSIZE"}) > keys - keys / 10 &&
           std::chrono::steady_clock::now() < deadline) {
        process->pump(0ms);
    }
    return process;
}

}  // namespace

TEST_CASE("keys with any bytes in them are deleted, and no others") {
    RedisServer server;
    RespClient client = server.client();
    const std::vector<std::string> evil = {"ns:with space",
                                           "ns:new\nline",
                                           "ns:cr\r\nlf",
                                           "ns:'single'",
                                           "ns:\"double\"",
                                           std::string("ns:nul\0byte", 11),
                                           "ns:\xff\xfe invalid",
                                           "ns:\x1b[31m",
                                           "ns:*",
                                           "ns:[a",
                                           "ns:$(rm)",
                                           "ns:",
                                           "ns:--yes",
                                           "ns:\xe2\x80\xae"};
    for (const std::string& key : evil) {
        client.run({"SET", key, "x"});
    }
    for (const char* key : {"ns", "other:ns:1", "NS:1", "n", "space"}) {
        client.run({"SET", key, "keep"});
    }
    const ProcessResult result = invalidate(server, {"ns:*", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    const Json summary = Json::parse(result.out);
    CHECK(summary["matched"] == evil.size());
    CHECK(summary["deleted"] == evil.size());
    CHECK(summary["complete"] == true);
    CHECK(summary["target"] == server.socket_path());
    CHECK(client.integer({"DBSIZE"}) == 5);
}

TEST_CASE("100,000 keys go, the sessions and the job queue beside them stay") {
    RedisServer server;
    fill(server, "course:", 100'000);
    fill(server, "sess:", 1'000);
    RespClient client = server.client();
    client.run({"SET", "sess:ttl", "v", "PX", "900000"});
    for (int i = 0; i < 50; ++i) {
        client.run({"RPUSH", "queue:default", std::to_string(i)});
    }
    client.run({"ZADD", "queue:schedule", "1", "job"});
    client.run({"SELECT", "1"});
    client.run({"SET", "course:1", "another database"});

    const ProcessResult result = invalidate(server, {"course:*", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 100'000);
    CHECK(summary["namespaces"] == Json{{"course", 100'000}});

    CHECK(client.text({"GET", "course:1"}) == "another database");
    client.run({"SELECT", "0"});
    CHECK(client.integer({"DBSIZE"}) == 1'003);
    CHECK(client.integer({"LLEN", "queue:default"}) == 50);
    CHECK(client.integer({"ZCARD", "queue:schedule"}) == 1);
    CHECK(client.integer({"PTTL", "sess:ttl"}) > 800'000);
}

TEST_CASE("only SCAN and UNLINK are sent, beside the login") {
    RedisServer server;
    fill(server, "k:", 2'000);
    CHECK(invalidate(server, {"k:*", "--yes", "--max-keys", "2000"}).exit_code == 0);
    const std::string stats = server.client().text({"INFO", "commandstats"});
    for (const char* never :
         {"cmdstat_keys:", "cmdstat_del:", "cmdstat_eval:", "cmdstat_flushdb:"}) {
        CHECK(stats.find(never) == std::string::npos);
    }
    CHECK(stats.find("cmdstat_unlink:calls=") != std::string::npos);
}

TEST_CASE("protected keys stay whatever the pattern, and a dry run deletes nothing") {
    RedisServer server;
    fill(server, "course:", 100);
    fill(server, "sess:", 10);
    CHECK(invalidate(server, {"*", "--all", "--dry-run"}).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 110);
    const ProcessResult result =
        invalidate(server, {"*", "--all", "--protect", "sess:*", "--yes", "--json"});
    CHECK(Json::parse(result.out)["protected"] == 10);
    CHECK(server.client().integer({"DBSIZE"}) == 10);
}

TEST_CASE("a list on stdin, NUL-separated") {
    RedisServer server;
    RespClient client = server.client();
    client.run({"SET", "a\nb", "x"});
    client.run({"SET", "c d", "x"});
    client.run({"SET", "stay", "x"});
    ProcessOptions options;
    options.stdin_bytes = std::string("a\nb\0c d\0gone", 12);
    const ProcessResult result = invalidate(
        server, {"--keys-from", "-", "-0", "--yes", "--max-keys", "2", "--json"}, options);
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 2);
    CHECK(summary["vanished"] == 1);
    CHECK(client.integer({"EXISTS", "stay"}) == 1);
    CHECK(client.integer({"DBSIZE"}) == 1);
}

TEST_CASE("a person at the terminal is asked, and the answer counts") {
    RedisServer server;
    fill(server, "course:", 1'234);
    const auto start = [&] {
        return std::make_unique<PtyProcess>(cachectl_argv(on(server, {"invalidate", "course:*"})));
    };
    auto terminal = start();
    REQUIRE(terminal->expect("About to delete 1,234 keys in database 0 on "));
    REQUIRE(terminal->expect("Go on? [y/N] "));
    terminal->type("n\n");
    CHECK(terminal->wait().exit_code == 8);
    CHECK(terminal->expect("not confirmed; nothing was changed"));

    terminal = start();
    REQUIRE(terminal->expect("Go on? [y/N] "));
    terminal->type("\x03");
    CHECK(terminal->wait().exit_code == 130);
    CHECK(server.client().integer({"DBSIZE"}) == 1'234);

    terminal = start();
    REQUIRE(terminal->expect("Go on? [y/N] "));
    terminal->type("y\n");
    CHECK(terminal->wait().exit_code == 0);
    CHECK(terminal->expect("deleted 1,234 of 1,234 keys on "));
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("the question goes to the terminal while stdin is the list") {
    RedisServer server;
    fill(server, "k:", 3);
    PtyOptions options;
    options.stdin_on_terminal = false;
    options.process.stdin_bytes = "k:0\nk:1\n";
    PtyProcess terminal(cachectl_argv(on(server, {"invalidate", "--keys-from", "-"})), options);
    REQUIRE(terminal.expect("About to delete 2 keys"));
    terminal.type("yes\n");
    CHECK(terminal.wait().exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 1);
}

TEST_CASE("without a terminal and without --yes nothing is sent") {
    RedisServer server;
    fill(server, "k:", 3);
    const auto before = server.client().text({"INFO", "stats"});
    const ProcessResult result = invalidate(server, {"k:*"});
    CHECK(result.exit_code == 8);
    CHECK(result.out.empty());
    CHECK(result.err.find("nothing was sent") != std::string::npos);
    CHECK(server.client().integer({"DBSIZE"}) == 3);
}

TEST_CASE("SIGINT in mid-run: the batches in flight are finished and counted") {
    RedisServer server;
    constexpr std::int64_t k_keys = 300'000;
    fill(server, "k:", k_keys);
    const auto process = start_slow_deletion(server, k_keys);
    process->send_signal(SIGINT);
    const ProcessResult result = process->wait();
    CHECK(result.exit_code == 130);
    const Json summary = Json::parse(result.out);
    const std::int64_t left = server.client().integer({"DBSIZE"});
    CHECK(left > 0);
    CHECK(summary["deleted"] == k_keys - left);
    CHECK(summary["unknown"] == 0);
    CHECK(summary["complete"] == false);
    CHECK(result.err == "cachectl: interrupted; run the same command again to go on\n");
    CHECK(invalidate(server, {"k:*", "--yes"}).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("a server that dies in mid-run: what is known deleted is, the rest is unknown") {
    // What was answered is on its disk, so that the counts can be checked afterwards.
    RedisServer server({"--appendonly", "yes", "--appendfsync", "always"});
    constexpr std::int64_t k_keys = 100'000;
    fill(server, "k:", k_keys);
    const auto process = start_slow_deletion(server, k_keys);
    server.kill();
    const ProcessResult result = process->wait();
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(summary["complete"] == false);
    CHECK(result.err.find("{\"error\":{\"code\":") != std::string::npos);
    CHECK(result.err.find("run the same command again") != std::string::npos);
    server.restart();
    const std::int64_t gone = k_keys - server.client().integer({"DBSIZE"});
    const std::int64_t deleted = summary["deleted"];
    const std::int64_t unknown = summary["unknown"];
    CHECK(deleted > 0);
    CHECK(gone >= deleted);
    CHECK(gone <= deleted + unknown);
    CHECK(invalidate(server, {"k:*", "--yes"}).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("a connection that is cut in mid-run: with --retry-unknown everything is deleted") {
    RedisServer server;
    constexpr std::int64_t k_keys = 100'000;
    fill(server, "k:", k_keys);
    Process process(cachectl_argv(on(server, {"invalidate", "k:*", "--yes", "--json",
                                              "--retry-unknown", "--size-over", "1", "--no-ttl"})));
    RespClient client = server.client();
    for (int cut = 1; cut <= 3; ++cut) {
        const std::int64_t below = k_keys - cut * k_keys / 5;
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (client.integer({"DBSIZE"}) > below && std::chrono::steady_clock::now() < deadline) {
            process.pump(0ms);
        }
        CHECK(client.integer({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}) == 1);
    }
    const ProcessResult result = process.wait();
    CHECK(result.exit_code == 0);
    CHECK(client.integer({"DBSIZE"}) == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["complete"] == true);
    CHECK(summary["unknown"] == 0);
    CHECK(summary["deleted"].get<std::int64_t>() + summary["vanished"].get<std::int64_t>() ==
          k_keys);
}

TEST_CASE("the connection is reset after an UNLINK: it is not sent a second time") {
    FakeServer server([](FakeServer::Connection& connection) {
        const Handler polite = polite_redis({{"SCAN", resp::scan_page("0", {"k:1", "k:2"})}});
        while (const auto command = connection.read_command()) {
            if (command->front() == "UNLINK") {
                connection.reset();
                return;
            }
            connection.send(polite(*command));
        }
    });
    const ProcessResult result =
        run_cachectl({"invalidate", "k:*", "--yes", "--json", "-p", std::to_string(server.port())});
    CHECK(result.exit_code == 5);
    CHECK(Json::parse(result.out)["unknown"] == 2);
    CHECK(server.count("UNLINK") == 1);
}

TEST_CASE("a paused server: the reply does not come, and the outcome is unknown") {
    RedisServer server;
    fill(server, "k:", 10);
    RespClient client = server.client();
    client.run({"CLIENT", "PAUSE", "60000", "WRITE"});
    const ProcessResult result =
        invalidate(server, {"k:*", "--yes", "--json", "--timeout", "300ms"});
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 0);
    CHECK(summary["unknown"] == 10);
    CHECK(result.err.find("no reply to UNLINK in 0.3 s") != std::string::npos);
    client.run({"CLIENT", "UNPAUSE"});
}

TEST_CASE("a user without +unlink, +scan or +info") {
    RedisServer server;
    fill(server, "k:", 10);
    RespClient client = server.client();
    client.run({"ACL", "SETUSER", "app", "on", ">pw", "+@all", "-unlink", "~*"});
    const auto run = [&](std::vector<std::string> more) {
        more.insert(more.end(), {"k:*", "--yes", "--user", "app", "-a", "pw"});
        return invalidate(server, more);
    };
    ProcessResult result = run({});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("+unlink") != std::string::npos);
    CHECK(result.err.find("--allow-del") != std::string::npos);
    CHECK(result.err.find("nothing was changed") != std::string::npos);
    CHECK(client.integer({"DBSIZE"}) == 10);
    client.run({"ACL", "SETUSER", "app", "+unlink", "-scan"});
    result = run({});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("+scan") != std::string::npos);
    client.run({"ACL", "SETUSER", "app", "+scan", "-info"});
    CHECK(run({}).exit_code == 0);
    CHECK(client.integer({"DBSIZE"}) == 0);
}

TEST_CASE("a server without UNLINK: DEL only when it is allowed") {
    RedisServer server({"--rename-command", "UNLINK", ""});
    fill(server, "k:", 10);
    const ProcessResult result = invalidate(server, {"k:*", "--yes"});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("--allow-del") != std::string::npos);
    CHECK(server.client().integer({"DBSIZE"}) == 10);
    CHECK(invalidate(server, {"k:*", "--yes", "--allow-del"}).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("--allow-del leaves a key that DEL would hold the server for, and says so") {
    RedisServer server({"--rename-command", "UNLINK", ""});
    fill(server, "k:", 10);
    RespClient client = server.client();
    client.run({"SET", "k:text", std::string(2'000'000, 'x')});
    client.pipeline(50'000, [](std::size_t i) -> RespClient::Args {
        return {"HSET", "k:hash", "field:" + std::to_string(i), "value"};
    });
    const ProcessResult result = invalidate(server, {"k:*", "--yes", "--allow-del"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("'k:hash' is too large for DEL") != std::string::npos);
    CHECK(client.list({"KEYS", "*"}) == std::vector<std::string>{"k:hash"});
}

TEST_CASE("a replica deletes nothing and names its master, with and without INFO") {
    RedisServer server;
    fill(server, "k:", 10);
    RespClient client = server.client();
    client.run({"ACL", "SETUSER", "app", "on", ">pw", "+@all", "-info", "~*"});
    client.run({"REPLICAOF", "127.0.0.1", "1"});
    ProcessResult result = invalidate(server, {"k:*", "--yes"});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("its master is 127.0.0.1:1") != std::string::npos);
    result = invalidate(server, {"k:*", "--yes", "--user", "app", "-a", "pw"});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("READONLY") != std::string::npos);
    CHECK(result.err.find("nothing was changed") != std::string::npos);
    CHECK(client.integer({"DBSIZE"}) == 10);
}

TEST_CASE("a full server can be cleared") {
    RedisServer server({"--maxmemory-policy", "noeviction"});
    fill(server, "k:", 1'000);
    server.client().run({"CONFIG", "SET", "maxmemory", "1000"});
    CHECK(server.client().command({"SET", "more", "x"}).text.starts_with("OOM"));
    CHECK(invalidate(server, {"k:*", "--yes"}).exit_code == 0);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("when stdout is gone or full, the summary is on stderr") {
    RedisServer server;
    fill(server, "k:", 10);
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    const ProcessResult full = invalidate(server, {"k:*", "--yes"}, options);
    CHECK(full.exit_code == 7);
    CHECK(full.err.find("deleted 10 of 10 keys on ") != std::string::npos);

    fill(server, "k:", 10);
    server.freeze();
    Process process(cachectl_argv(on(server, {"invalidate", "k:*", "--yes"})));
    process.close_stdout();
    server.thaw();
    const ProcessResult closed = process.wait();
    CHECK(closed.exit_code == 0);
    CHECK(closed.err.find("deleted 10 of 10 keys on ") != std::string::npos);
}
