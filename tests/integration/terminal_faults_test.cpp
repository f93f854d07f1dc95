// Pipes that close, disks that are full, signals, and terminals of every kind.
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
    while (server.count("SCAN") < scans && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(2ms);
    REQUIRE(server.count("SCAN") >= scans);
}

std::vector<std::string> keys_on(const FakeServer& server, std::vector<std::string> extra = {}) {
    std::vector<std::string> args{"keys", "-p", std::to_string(server.port())};
    args.insert(args.end(), extra.begin(), extra.end());
    return cachectl_argv(args);
}

/// A server with keys that mean harm to a terminal.
struct HostileKeys {
    RedisServer server;
    HostileKeys() {
        RespClient redis = server.client();
        for (const std::string key : {"esc\x1b[31m", "bell\a", "cr\rx", "nl\nx", "bidi\xe2\x80\xae",
                                      "c1\xc2\x9b", "bad\xff", "plain"})
            redis.run({"SET", key, "v"});
    }
};

}  // namespace

TEST_CASE("a reader that goes away ends the list quietly with 0") {
    RedisServer server;
    server.client().pipeline(100'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    for (const std::string format : {"plain", "json", "csv"}) {
        CAPTURE(format);
        Process process(cachectl_argv({"keys", "-s", server.socket_path(), "-o", format}));
        REQUIRE(process.wait_for_out("\n"));
        process.close_stdout();
        const ObservedRun run = observe(process);
        CHECK(run.exit_code == 0);
        CHECK(run.signal == 0);
        CHECK(run.err.empty());
        CHECK(run.took < 30s);
    }
    const auto piped =
        run_process({"bash", "-c", "\"$0\" keys -s \"$1\" | head -n 2; echo ${PIPESTATUS[0]}",
                     cachectl_binary(), server.socket_path()});
    CHECK(piped.out.ends_with("\n0\n"));
    CHECK(std::count(piped.out.begin(), piped.out.end(), '\n') == 3);
    CHECK(piped.err.empty());
}

TEST_CASE("a full disk is exit code 7, for few keys and for many") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", "v"});
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    const auto few = run_cachectl({"keys", "-s", server.socket_path()}, options);
    CHECK(few.exit_code == 7);
    CHECK(few.err == "cachectl: error: cannot write the output: No space left on device\n");
    redis.pipeline(50'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    for (const std::string format : {"plain", "json", "csv", "table"}) {
        CAPTURE(format);
        const auto many =
            run_cachectl({"keys", "-l", "-s", server.socket_path(), "-o", format}, options);
        CHECK(many.exit_code == 7);
        CHECK(many.err == "cachectl: error: cannot write the output: No space left on device\n");
    }
    CHECK(run_cachectl({"--help"}, options).exit_code == 7);
    CHECK(run_cachectl({"--version"}, options).exit_code == 7);
}

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
    const auto result = run_process({"bash", "-c", script, cachectl_binary(), server.socket_path()});
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
    std::this_thread::sleep_for(100ms);
    CHECK(process.running());
    process.send_signal(SIGINT);
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 130);
    CHECK(run.took < k_prompt);
}

TEST_CASE("a signal ends a login that nobody answers") {
    FakeServer server(silent());
    for (const int number : {SIGINT, SIGTERM}) {
        CAPTURE(number);
        const std::size_t before = server.connections();
        Process process(keys_on(server, {"--connect-timeout", "60s", "-a", "s3cr3t-pw"}));
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (server.connections() == before && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(2ms);
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
    while (server.count("INFO") == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(2ms);
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

TEST_CASE("a key cannot send escape sequences to a terminal") {
    HostileKeys hostile;
    const std::string socket = hostile.server.socket_path();
    for (const std::string format : {"table", "plain", "csv"}) {
        for (const bool long_listing : {false, true}) {
            CAPTURE(format);
            CAPTURE(long_listing);
            std::vector<std::string> args{"keys", "-s", socket, "-o", format, "--color", "never"};
            if (long_listing) args.emplace_back("-l");
            PtyProcess terminal(cachectl_argv(args));
            CHECK(terminal.wait().exit_code == 0);
            for (const std::string shown :
                 {"esc\\x1b[31m", "bell\\x07", "cr\\x0dx", "nl\\x0ax", "bidi\\xe2\\x80\\xae",
                  "c1\\xc2\\x9b", "bad\\xff", "plain"}) {
                CAPTURE(shown);
                CHECK(has(terminal.screen(), shown));
            }
            for (const std::string raw :
                 {"\x1b[31m", "\a", "\r\r", "cr\r", "nl\n", "\xe2\x80\xae", "\xc2\x9b", "\xff"}) {
                CAPTURE(raw);
                // CSV lines end in CR LF by themselves.
                if (format != "csv" || raw != "\r\r") CHECK_FALSE(has(terminal.screen(), raw));
            }
        }
    }
}

TEST_CASE("a terminal that is not UTF-8 gets no byte that is a control there") {
    RedisServer server;
    server.client().run({"SET", "\u00db31mred", "v"});
    const auto screen_of = [&](std::vector<std::string> args, const std::string& locale) {
        PtyOptions options;
        options.process.env = {{"LC_ALL", locale}};
        args.insert(args.end(), {"-s", server.socket_path()});
        PtyProcess terminal(cachectl_argv(args), options);
        CHECK(terminal.wait().exit_code == 0);
        return terminal.screen();
    };
    const std::vector<std::vector<std::string>> commands = {
        {"keys"}, {"keys", "-l"}, {"keys", "--json"}, {"keys", "-o", "csv"}, {"ttl"}, {"--help"}};
    for (const std::string locale : {"C", "en_US.ISO-8859-1"}) {
        for (const auto& command : commands) {
            CAPTURE(locale);
            CAPTURE(command.back());
            const std::string screen = screen_of(command, locale);
            CHECK(std::none_of(screen.begin(), screen.end(),
                               [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
        }
    }
    CHECK(has(screen_of({"keys"}, "C"), "\\xc3\\x9b31mred"));
    CHECK(has(screen_of({"keys", "--json"}, "C"), "\"\\u00db31mred\""));
    CHECK(has(screen_of({"keys"}, "C.UTF-8"), "\u00db31mred"));
}

TEST_CASE("with standard streams closed nothing goes astray") {
    RedisServer server;
    server.client().run({"SET", "k", std::string(300'000, 'x')});
    const auto shell = [&](const std::string& command, const std::string& closed) {
        return run_process(
            {"sh", "-c", "\"$0\" " + command + " -s " + server.socket_path() + " " + closed,
             cachectl_argv({}).front()},
            {.timeout = 20s});
    };
    for (const std::string command : {"keys", "stats", "get k --raw"}) {
        for (const std::string closed : {">&-", "<&- >&-"}) {
            CAPTURE(command);
            const ProcessResult run = shell(command, closed);
            CHECK(run.exit_code == 7);
            CHECK(run.err == "cachectl: error: cannot write the output: stdout is closed\n");
        }
        CHECK(shell(command, "<&- >&- 2>&-").exit_code == 7);
        const ProcessResult out = shell(command, "<&- 2>&-");
        CHECK(out.exit_code == 0);
        CHECK_FALSE(out.out.empty());
    }
    const ProcessResult list = shell("invalidate --keys-from - --yes", "<&-");
    CHECK(list.exit_code == 6);
    CHECK(has(list.err, "cannot read the list of keys from stdin: Bad file descriptor"));
    CHECK(server.client().command({"STRLEN", "k"}).integer == 300'000);
}

TEST_CASE("limits of the process are errors, and no signal kills it") {
    RedisServer server;
    server.client().run({"SET", "k", "v"});
    const auto limited = [&](const std::string& limit, const std::string& command) {
        return run_process(
            {"bash", "-c",
             "ulimit " + limit + "; \"$0\" -s " + server.socket_path() + " " + command,
             cachectl_argv({}).front()});
    };
    const TempDir dir;
    const ProcessResult file = limited("-f 0", "keys > " + (dir.path() / "out").string());
    CHECK(file.exit_code == 7);
    CHECK(has(file.err, "cannot write the output: File too large"));
    // A sanitized build has larger frames.
    const std::string small = is_sanitized() ? "-s 1024" : "-s 64";
    const ProcessResult stack = limited(small, "keys");
    CHECK(stack.exit_code == 0);
    CHECK(stack.out == "k\n");
}

TEST_CASE("into a pipe keys are raw bytes, NUL-terminated by -0") {
    HostileKeys hostile;
    const auto run =
        run_cachectl({"keys", "-s", hostile.server.socket_path(), "-0", "nl*", "bad*"});
    CHECK(run.exit_code == 0);
    CHECK((run.out == std::string("nl\nx\0bad\xff\0", 10) ||
           run.out == std::string("bad\xff\0nl\nx\0", 10)));
}

TEST_CASE("a pattern in a message cannot send escape sequences to a terminal either") {
    RedisServer server;
    PtyProcess terminal(
        cachectl_argv({"keys", "-s", server.socket_path(), "[\x1b]0;owned\a", "kyes\x1b[31m\\"}));
    terminal.wait();
    CHECK_FALSE(has(terminal.screen(), "\x1b]0"));
    CHECK_FALSE(has(terminal.screen(), "\x1b[31m"));
    PtyProcess typo(cachectl_argv({"ky\x1b]0;owned\a"}));
    CHECK(typo.wait().exit_code == 2);
    CHECK(has(typo.screen(), "unknown command 'ky\\x1b]0;owned\\x07'"));
}

TEST_CASE("a terminal that is dumb, colourless or without a width gets plain text") {
    RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "course:1", "v"});
    redis.run({"SET", "course:" + std::string(100, 'x'), "v", "PX", "500000"});
    const auto screen_of = [&](std::map<std::string, std::string> env, unsigned short columns) {
        PtyOptions options;
        options.process.env = std::move(env);
        options.columns = columns;
        PtyProcess terminal(cachectl_argv({"keys", "-l", "-s", server.socket_path()}), options);
        CHECK(terminal.wait().exit_code == 0);
        CHECK(has(terminal.screen(), "course:1"));
        return terminal.screen();
    };
    CHECK(has(screen_of({}, 80), "\x1b["));
    const std::string dumb = screen_of({{"TERM", "dumb"}}, 80);
    CHECK_FALSE(has(dumb, "\x1b"));
    CHECK(std::none_of(dumb.begin(), dumb.end(), [](char c) { return (c & 0x80) != 0; }));
    CHECK_FALSE(has(screen_of({{"NO_COLOR", "1"}}, 80), "\x1b"));
    CHECK(has(screen_of({{"NO_COLOR", ""}}, 80), "\x1b["));
    screen_of({}, 0);
    screen_of({{"COLUMNS", "0"}}, 0);
    screen_of({}, 1);
}

TEST_CASE("a walk on a dumb terminal draws no progress, on another it leaves no trace of it") {
    FakeServer server(endless_pages(20ms));
    for (const std::string term : {"dumb", "xterm"}) {
        CAPTURE(term);
        PtyOptions options;
        options.process.env = {{"TERM", term}};
        options.stdout_on_terminal = false;
        PtyProcess terminal(keys_on(server, {"--limit", "30"}), options);
        const ProcessResult run = terminal.wait();
        CHECK(run.exit_code == 0);
        if (term == "dumb") {
            CHECK(terminal.screen().empty());
        } else {
            CHECK(has(terminal.screen(), "listing"));
            CHECK(terminal.screen().ends_with("\r\x1b[K"));
        }
    }
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
