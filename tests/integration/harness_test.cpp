// The tools that the other integration tests stand on: a tool that lies here hides a bug there.
#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

TEST_CASE("a process gets its stdin and gives its bytes and exit code back") {
    const std::string binary("a\0b\xff", 4);
    ProcessOptions options;
    options.stdin_bytes = binary;
    const ProcessResult result = run_process({"sh", "-c", "cat; echo bad >&2; exit 3"}, options);
    CHECK(result.exit_code == 3);
    CHECK(result.signal == 0);
    CHECK(result.out == binary);
    CHECK(result.err == "bad\n");
}

TEST_CASE("more than a pipe holds goes through in both directions") {
    ProcessOptions options;
    options.stdin_bytes = std::string(3'000'000, 'x');
    CHECK(run_process({"cat"}, options).out == options.stdin_bytes);
}

TEST_CASE("the environment is clean") {
    ::setenv("REDIS_URL", "redis://example.invalid", 1);
    ProcessOptions options;
    options.env = {{"REDIS_DB", "7"}};
    const ProcessResult result = run_process({"env"}, options);
    ::unsetenv("REDIS_URL");
    CHECK(result.out.find("REDIS_URL") == std::string::npos);
    CHECK(result.out.find("REDIS_DB=7\n") != std::string::npos);
    CHECK(result.out.find("HOME=/tmp/") != std::string::npos);
}

TEST_CASE("a process that does not end is killed at its timeout") {
    ProcessOptions options;
    options.timeout = 100ms;
    const ProcessResult result = run_process({"sleep", "60"}, options);
    CHECK(result.timed_out);
    CHECK(result.exit_code == -1);
    CHECK(result.signal == SIGKILL);
}

TEST_CASE("a program that is not there is an exception") {
    CHECK_THROWS_WITH(run_process({"/no/such/program"}),
                      "cannot run /no/such/program: No such file or directory");
}

TEST_CASE("an asynchronous process can be read and signalled in mid-work") {
    Process process(
        {"sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.01; done"});
    REQUIRE(process.wait_for_out("ready\n"));
    CHECK(process.running());
    process.send_signal(SIGINT);
    const ProcessResult result = process.wait();
    CHECK(result.out == "ready\ncaught\n");
    CHECK(result.exit_code == 9);
}

TEST_CASE("a closed stdout is SIGPIPE to a process that does not care") {
    Process process({"yes"});
    REQUIRE(process.wait_for_out("y\n"));
    process.close_stdout();
    CHECK(process.wait().signal == SIGPIPE);
}

TEST_CASE("stdout can be a file") {
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    CHECK(run_process({"echo", "x"}, options).exit_code != 0);
}

TEST_CASE("the built cachectl runs") {
    const ProcessResult result = run_cachectl({"--version"});
    CHECK(result.exit_code == 0);
    CHECK(result.out.rfind("cachectl ", 0) == 0);
}

TEST_CASE("a terminal asks, is answered and has a size") {
    PtyOptions options;
    options.columns = 132;
    PtyProcess terminal(
        {"sh", "-c", "stty size; printf 'Sure? '; read answer; echo \"got $answer\""}, options);
    CHECK(terminal.expect("24 132\r\n"));
    REQUIRE(terminal.expect("Sure? "));
    terminal.type("yes\n");
    CHECK(terminal.expect("yes\r\n"));  // the echo
    CHECK(terminal.expect("got yes\r\n"));
    CHECK(terminal.wait().exit_code == 0);
}

TEST_CASE("only the streams asked for are on the terminal") {
    PtyOptions options;
    options.stdin_on_terminal = false;
    options.stdout_on_terminal = false;
    options.process.stdin_bytes = "data\n";
    PtyProcess terminal({"sh", "-c", "cat; test -t 1 || echo pipe; test -t 2 && echo tty >&2"},
                        options);
    const ProcessResult result = terminal.wait();
    CHECK(result.out == "data\npipe\n");
    CHECK(result.err.empty());
    CHECK(terminal.screen() == "tty\r\n");
}

TEST_CASE("Ctrl-C on a terminal is SIGINT") {
    PtyProcess terminal({"sleep", "60"});
    terminal.type("\x03");
    CHECK(terminal.wait().signal == SIGINT);
}

TEST_CASE("text that never comes to the screen is not expected for ever") {
    PtyProcess terminal({"cat"});
    CHECK_FALSE(terminal.expect("never", 50ms));
}

TEST_CASE("a private server keeps what it is given and is empty after a restart") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "key", std::string("v\r\n\0", 4)});
    CHECK(redis.text({"GET", "key"}) == std::string("v\r\n\0", 4));
    CHECK(redis.integer({"DBSIZE"}) == 1);
    CHECK(redis.list({"CONFIG", "GET", "save"}) == std::vector<std::string>{"save", ""});
    CHECK(redis.command({"GET", "none"}).type == RespValue::Type::nil);
    CHECK_THROWS(redis.run({"NO_SUCH_COMMAND"}));
    const pid_t before = server.pid();
    server.restart();
    CHECK(server.pid() != before);
    CHECK(server.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE("a private server listens on a free loopback port, the same after a restart") {
    RedisServer one({}, Listen::tcp_too);
    RedisServer two({}, Listen::tcp_too);
    CHECK(one.port() != two.port());
    const auto port = one.port();
    CHECK(RespClient::tcp(port).text({"PING"}) == "PONG");
    one.restart();
    CHECK(one.port() == port);
    CHECK(RespClient::tcp(port).text({"PING"}) == "PONG");
}

TEST_CASE("a killed server is noticed by its clients") {
    RedisServer server;
    RespClient redis = server.client();
    server.kill();
    CHECK_FALSE(server.running());
    CHECK_THROWS(redis.command({"PING"}));
    CHECK_THROWS((void)server.client());
}

TEST_CASE("a server with a wrong setting says why it did not start") {
    try {
        RedisServer server({"--maxmemory", "much"});
        FAIL("it started");
    } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()).find("maxmemory") != std::string::npos);
    }
}

TEST_CASE("a pipeline prepares many keys") {
    RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(100'500, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), "value"};
    });
    CHECK(redis.integer({"DBSIZE"}) == 100'500);
    CHECK_THROWS(redis.pipeline(2, [](std::size_t) -> RespClient::Args { return {"NOPE"}; }));
}

TEST_CASE("a fake server answers by its table and records what it was sent") {
    FakeServer server(answer(polite_redis({{"SCAN", resp::scan_page("0", {"a", "b\n"})}})));
    RespClient client = RespClient::tcp(server.port());
    CHECK(client.text({"PING"}) == "PONG");
    const RespValue page = client.command({"SCAN", "0"});
    REQUIRE(page.elements.size() == 2);
    CHECK(page.elements[1].elements.at(1).text == "b\n");
    CHECK_THROWS(client.run({"FLUSHALL"}));
    CHECK(server.commands() ==
          std::vector<FakeServer::Command>{{"PING"}, {"SCAN", "0"}, {"FLUSHALL"}});
    CHECK(server.count("SCAN") == 1);
    CHECK(server.connections() == 1);
}

TEST_CASE("a fake server resets one connection and serves the next") {
    FakeServer server({reset_after(1, polite_redis()), answer(polite_redis())},
                      FakeServer::Address::tcp);
    RespClient first = RespClient::tcp(server.port());
    CHECK(first.text({"PING"}) == "PONG");
    CHECK_THROWS_WITH(first.command({"PING"}), "recv: Connection reset by peer");
    CHECK(RespClient::tcp(server.port()).text({"PING"}) == "PONG");
    CHECK(server.connections() == 2);
}

TEST_CASE("a fake server closes in mid-reply without losing what it said") {
    FakeServer server(say_and_close("HTTP/1.1 400 Bad Request\r\n"),
                      FakeServer::Address::unix_socket);
    RespClient client = RespClient::unix_socket(server.socket_path());
    CHECK_THROWS_WITH(client.command({"PING"}), "not a RESP2 reply: HTTP/1.1 400 Bad Request");
    FakeServer closing(close_after(0, polite_redis()));
    RespClient other = RespClient::tcp(closing.port());
    CHECK_THROWS_WITH(other.command({"PING"}), "the server closed the connection");
}

TEST_CASE("a fake server dribbles its replies") {
    FakeServer server(slow_after(1, polite_redis(), 10ms));
    RespClient client = RespClient::tcp(server.port());
    CHECK(client.text({"PING"}) == "PONG");
    const auto start = std::chrono::steady_clock::now();
    CHECK(client.text({"PING"}) == "PONG");
    CHECK(std::chrono::steady_clock::now() - start >= 60ms);  // 7 bytes
}

TEST_CASE("a fake server that says nothing ends with its test") {
    FakeServer server(silent());
    const RespClient client = RespClient::tcp(server.port());
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (server.connections() == 0 && std::chrono::steady_clock::now() < deadline) {
    }
    CHECK(server.connections() == 1);
}
