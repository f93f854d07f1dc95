// What reaches terminals of every kind, and what must not.
#include <doctest/doctest.h>

#include "support/fake_server.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

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
                                      "c1\xc2\x9b", "bad\xff", "plain"}) {
            redis.run({"SET", key, "v"});
        }
    }
};

}  // namespace

TEST_CASE("a key cannot send escape sequences to a terminal") {
    HostileKeys hostile;
    const std::string socket = hostile.server.socket_path();
    for (const std::string format : {"table", "plain", "csv"}) {
        for (const bool long_listing : {false, true}) {
            CAPTURE(format);
            CAPTURE(long_listing);
            std::vector<std::string> args{"keys", "-s", socket, "-o", format, "--color", "never"};
            if (long_listing) {
                args.emplace_back("-l");
            }
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
                if (format != "csv" || raw != "\r\r") {
                    CHECK_FALSE(has(terminal.screen(), raw));
                }
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
