// Signals, and what a person types, at any moment of a run.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis k_prompt = 5s;  // at once, on a busy machine

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Pages of one key without an end; each after `delay`.
FakeServer::Script endless_pages(Millis delay) {
    return [delay, polite = polite_redis()](FakeServer::Connection& client) {
        int at = 0;
        while (auto command = client.read_command()) {
            if (command->at(0) != "SCAN") {
                client.send(polite(*command));
                continue;
            }
            client.sleep(delay);
            ++at;
            client.send(resp::scan_page(std::to_string(at), {"k" + std::to_string(at)}));
        }
    };
}

/// Waits until a server has been asked for a page.
void wait_for_scan(const FakeServer& server, std::size_t scans = 1) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (server.count("SCAN") < scans && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(2ms);
    }
    REQUIRE(server.count("SCAN") >= scans);
}

std::vector<std::string> keys_on(const FakeServer& server, std::vector<std::string> extra = {}) {
    std::vector<std::string> args{"keys", "-p", std::to_string(server.port())};
    args.insert(args.end(), extra.begin(), extra.end());
    return cachectl_argv(args);
}

}  // namespace

TEST_CASE("Ctrl-C in mid-walk keeps what was found and ends with 130") {
    FakeServer server(endless_pages(5ms));
    Process process(keys_on(server));
    wait_for_scan(server, 3);
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK(run.out.starts_with("k1\nk2\n"));
    CHECK(run.out.back() == '\n');
    CHECK_FALSE(has(run.err, "error"));
    CHECK(has(run.err, "interrupted: what was found is not all, "));
    CHECK(run.took < k_prompt);
}

TEST_CASE("on a terminal what was found is shown soon, with the progress between the rows") {
    FakeServer server(endless_pages(5ms));
    PtyProcess process(keys_on(server));
    REQUIRE(process.expect("k1\r\n"));
    REQUIRE(process.expect(" looked at  "));
    REQUIRE(process.expect(" found"));
    process.type("\x03");
    CHECK(process.wait().exit_code == 130);
}

TEST_CASE("SIGTERM and SIGHUP in mid-walk end it with 143") {
    for (const int number : {SIGTERM, SIGHUP}) {
        CAPTURE(number);
        FakeServer server(endless_pages(5ms));
        Process process(keys_on(server));
        wait_for_scan(server, 3);
        process.send_signal(number);
        const ObservedRun run = observe(process);
        CHECK(run.exit_code == 143);
        CHECK(run.out.starts_with("k1\nk2\n"));
        CHECK(run.took < k_prompt);
    }
}

TEST_CASE("one signal ends a run whose output nobody reads") {
    RedisServer server;
    server.client().pipeline(50'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    // The pipe's reader sleeps for as long as it takes to see that the signal was not enough.
    const std::string script =
        "exec 3> >(exec sleep 40); \"$0\" keys -s \"$1\" >&3 & "
        "sleep 2; kill -TERM $!; wait $!; echo $? $SECONDS";
    const auto result =
        run_process({"bash", "-c", script, cachectl_binary(), server.socket_path()});
    CHECK(result.out.starts_with("143 "));
    CHECK(std::stoi(result.out.substr(4)) < 30);
    CHECK(result.err.find("nobody read the output") != std::string::npos);
}

TEST_CASE("a signal is answered while the server hangs") {
    FakeServer server(endless_pages(60s));
    Process process(keys_on(server, {"--timeout", "60s"}));
    wait_for_scan(server);
    process.send_signal(SIGINT);
    CHECK(process.wait_for_err("cachectl: stopping, when the replies that are on their way"));
    process.send_signal(SIGINT);
    CHECK(process.wait().exit_code == 130);
}

TEST_CASE("after Ctrl-C the reply in flight is waited for, but a timeout of it is no error") {
    FakeServer server(endless_pages(60s));
    Process process(keys_on(server, {"--timeout", "400ms"}));
    wait_for_scan(server);
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK(run.took < k_prompt);
    CHECK(server.connections() == 1);
}

TEST_CASE("a second Ctrl-C ends it at once") {
    FakeServer server(endless_pages(60s));
    Process process(keys_on(server, {"--timeout", "60s"}));
    wait_for_scan(server);
    process.send_signal(SIGINT);
    std::this_thread::sleep_for(200ms);
    CHECK(process.running());
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK(run.took < k_prompt);
}

// timeout(1) sends one to the command and one to its group.
TEST_CASE("a second signal right behind the first is its echo") {
    for (const auto& sent : {std::pair(SIGTERM, 0ms), {SIGTERM, 1ms}, {SIGINT, 1ms}}) {
        const int signal = sent.first;
        const Millis gap = sent.second;
        CAPTURE(signal);
        CAPTURE(gap.count());
        FakeServer server(endless_pages(300ms));
        Process process(keys_on(server, {"--json"}));
        wait_for_scan(server, 3);
        process.send_signal(signal);
        std::this_thread::sleep_for(gap);
        process.send_signal(signal);
        const ObservedRun run = observe(process);
        CHECK(run.exit_code == 128 + signal);
        CHECK(run.out.ends_with("]\n"));  // it has ended as after one
    }
}

TEST_CASE("a signal ends a login that nobody answers") {
    FakeServer server(silent());
    for (const int number : {SIGINT, SIGTERM}) {
        CAPTURE(number);
        const std::size_t before = server.connections();
        Process process(keys_on(server, {"--connect-timeout", "60s", "-a", "s3cr3t-pw"}));
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (server.connections() == before && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(2ms);
        }
        process.send_signal(number);
        const ObservedRun run = observe(process);
        CHECK(run.exit_code == 128 + number);
        CHECK(run.took < k_prompt);
        CHECK_FALSE(has(run.err, "s3cr3t-pw"));
    }
}

TEST_CASE("a signal ends the wait for a server that loads") {
    FakeServer server(answer(polite_redis({{"INFO", resp::bulk("loading:1\r\n")}})));
    Process process(keys_on(server, {"--wait", "60s"}));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (server.count("INFO") == 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(2ms);
    }
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK(run.took < k_prompt);
}

TEST_CASE("a signal ends the wait for a list of keys") {
    FakeServer server(answer(polite_redis({{"EXISTS", resp::integer(1)}})));
    ProcessOptions options;
    options.keep_stdin_open = true;
    options.stdin_bytes = "a\nb\n";
    Process process(keys_on(server, {"--keys-from", "-"}), options);
    process.pump(300ms);
    std::this_thread::sleep_for(300ms);
    CHECK(process.running());
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK_FALSE(has(run.err, "cannot read the list"));
    CHECK(run.took < k_prompt);
}

TEST_CASE("a stop longer than --timeout is no timeout") {
    FakeServer server(endless_pages(20ms));
    Process process(keys_on(server, {"--timeout", "400ms", "--limit", "40"}));
    wait_for_scan(server, 3);
    for (const int stop : {SIGTSTP, SIGSTOP}) {
        process.send_signal(stop);
        std::this_thread::sleep_for(700ms);
        CHECK(process.running());
        process.send_signal(SIGCONT);
        std::this_thread::sleep_for(50ms);
    }
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 0);
    CHECK(run.err.empty());
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 40);
    CHECK(server.connections() == 1);
    CHECK(server.count("SCAN") <= 41);
}

TEST_CASE("--askpass asks without an echo, and Ctrl-C there is 130 with the echo back on") {
    RedisServer server({"--requirepass", "s3cr3t-pw"});
    RespClient redis = server.client();
    redis.run({"AUTH", "s3cr3t-pw"});
    redis.run({"SET", "k", "v"});
    SUBCASE("answered") {
        PtyProcess terminal(cachectl_argv({"keys", "--askpass", "-s", server.socket_path()}));
        REQUIRE(terminal.expect("Password: "));
        terminal.type("s3cr3t-pw\n");
        CHECK(terminal.expect("k\r\n"));
        CHECK(terminal.wait().exit_code == 0);
        CHECK_FALSE(has(terminal.screen(), "s3cr3t-pw"));
    }
    SUBCASE("interrupted") {
        PtyProcess terminal({"bash", "-c", "\"$0\" keys --askpass -s \"$1\"; echo code $?; stty -a",
                             cachectl_binary(), server.socket_path()});
        REQUIRE(terminal.expect("Password: "));
        terminal.type("\x03");
        CHECK(terminal.expect("code 130\r\n"));
        CHECK(terminal.expect(" echo "));
        terminal.wait();
    }
    SUBCASE("without a terminal") {
        const auto run = run_process(
            {"setsid", "-w", cachectl_binary(), "keys", "--askpass", "-s", server.socket_path()});
        CHECK(run.exit_code == 2);
        CHECK(has(run.err, "--askpass needs a terminal"));
    }
}
