// A peer that breaks the protocol, by mistake or on purpose: cachectl fails closed, in bounded time
// and memory, with 3 while it logs in and 5 when it has shown something already.
#include <doctest/doctest.h>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis k_bound = 20s;
// What is kept of a reply depends on what really came, and at most 2^20 elements do.
constexpr std::size_t k_most_kib = 32 * 1024;
constexpr std::size_t k_most_kib_for_elements = 160 * 1024;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

/// Serves the login and a first page with the key "a"; the second page is up to `second`.
FakeServer::Script two_pages(std::function<void(FakeServer::Connection&)> second) {
    return [second = std::move(second), polite = polite_redis()](FakeServer::Connection& client) {
        while (auto command = client.read_command()) {
            if (command->at(0) != "SCAN") {
                client.send(polite(*command));
            } else if (command->at(1) == "0") {
                client.send(resp::scan_page("17", {"a"}));
            } else {
                second(client);
            }
        }
    };
}

ObservedRun keys_of(const FakeServer& server, std::vector<std::string> extra = {}) {
    std::vector<std::string> args{"keys", "-p", std::to_string(server.port()), "-a", "s3cr3t-pw"};
    args.insert(args.end(), extra.begin(), extra.end());
    ObservedRun run = observe_cachectl(std::move(args));
    CHECK_FALSE(has(run.out + run.err, "s3cr3t-pw"));
    CHECK(run.signal == 0);
    CHECK(run.took < k_bound);
    return run;
}

struct Hostile {
    std::string what;
    std::string bytes;
    std::size_t most_kib = k_most_kib;
    std::string why = "broken reply";  // in mid-walk
};

void check_memory(const ObservedRun& run, const Hostile& hostile) {
    if (!is_sanitized()) {
        CHECK(run.peak_kib < hostile.most_kib);
    }
}

std::vector<Hostile> hostile_replies() {
    return {
        {"depth bomb", repeated("*1\r\n", 200'000)},
        {"array of 2^31-1", "*2147483647\r\n"},
        {"array of more than fits", "*99999999999999999999\r\n"},
        {"array of a negative size", "*-7\r\n"},
        {"string of 999999999999 bytes", "$999999999999\r\n" + std::string(1'000'000, 'x')},
        {"string of more than fits", "$99999999999999999999\r\n"},
        {"string of a negative size", "$-7\r\n"},
        {"string without its end", "$1\r\nabcd\r\n"},
        {"endless line", "+" + std::string(20'000'000, 'x')},
        {"endless error", "-" + std::string(20'000'000, 'x')},
        {"endless number", ":" + std::string(20'000'000, '1')},
        {"endless size", "$" + std::string(20'000'000, '1')},
        {"endless nothing", std::string(20'000'000, '\0')},
        {"not a number", ":twelve\r\n"},
        {"a type of RESP3", "%1\r\n+a\r\n+b\r\n"},
        {"arrays of arrays",
         repeated("*1000000\r\n", 3) + repeated("*1000\r\n" + repeated(":1\r\n", 1000), 3000),
         k_most_kib_for_elements},
    };
}

}  // namespace

TEST_CASE("hostile bytes at login end it with 3 and little memory") {
    for (const Hostile& hostile : hostile_replies()) {
        CAPTURE(hostile.what);
        FakeServer server([&](FakeServer::Connection& client) {
            client.read_command();
            client.send(hostile.bytes);
            client.ignore();
        });
        const ObservedRun run = keys_of(server);
        CHECK(run.exit_code == 3);
        CHECK(run.out.empty());
        CHECK(has(run.err, "cachectl: error: 127.0.0.1:"));
        CHECK(run.err.size() < 400);
        check_memory(run, hostile);
        CHECK(server.connections() == 1);
    }
}

TEST_CASE("hostile bytes in mid-walk end it with 5 and little memory") {
    for (const Hostile& hostile : hostile_replies()) {
        CAPTURE(hostile.what);
        FakeServer server(two_pages([&](FakeServer::Connection& client) {
            client.send(hostile.bytes);
            client.ignore();
        }));
        const ObservedRun run = keys_of(server);
        CHECK(run.exit_code == 5);
        CHECK(run.out == "a\n");
        CHECK(has(run.err, "cachectl: error: cannot walk the keys: " + hostile.why));
        CHECK(has(run.err, "(the list is not complete)"));
        CHECK(run.err.size() < 400);
        check_memory(run, hostile);
        CHECK(server.connections() <= 5);
    }
}

TEST_CASE("replies that are no pages are not taken for one") {
    for (const std::string& reply :
         {resp::status("OK"), resp::integer(1), resp::nil(), resp::array({}),
          resp::array({resp::bulk("0")}), resp::array({resp::integer(0), resp::array({})}),
          resp::array({resp::bulk("0"), resp::bulk("a")})}) {
        CAPTURE(reply);
        FakeServer server(two_pages([&](FakeServer::Connection& client) { client.send(reply); }));
        const ObservedRun run = keys_of(server);
        CHECK(run.exit_code == 5);
        CHECK(run.out == "a\n");
        CHECK(has(run.err, "cannot walk the keys: a reply of the wrong kind"));
    }
}

TEST_CASE("a page whose keys are not strings is not taken for one") {
    for (const std::string& key :
         {resp::nil(), resp::integer(1), resp::array({}), resp::error("ERR forged")}) {
        CAPTURE(key);
        FakeServer server(two_pages([&](FakeServer::Connection& client) {
            client.send(resp::array({resp::bulk("0"), resp::array({resp::bulk("b"), key})}));
        }));
        const ObservedRun run = keys_of(server);
        CHECK(run.exit_code == 5);
        CHECK(run.out == "a\n");
    }
}

TEST_CASE("a reply that nothing asked for ends the connection") {
    FakeServer server(two_pages([](FakeServer::Connection& client) {
        client.send(resp::scan_page("18", {"b"}) + resp::scan_page("0", {"forged"}) +
                    resp::scan_page("0", {"forged too"}));
        client.ignore();
    }));
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "a reply that nothing asked for"));
    CHECK_FALSE(has(run.out, "forged"));
}

TEST_CASE("a connection that ends in mid-reply is a failure, not the end of the list") {
    FakeServer server(two_pages([](FakeServer::Connection& client) {
        client.send("*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$5\r\nhal");
        client.reset();
    }));
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 5);
    CHECK(run.out == "a\n");
    CHECK(has(run.err, "(the list is not complete)"));
    CHECK(server.connections() <= 5);
}

TEST_CASE("replies of a byte now and then do not outlast the deadline") {
    SUBCASE("at login") {
        FakeServer server(slow_after(0, polite_redis(), 300ms));
        const ObservedRun run = keys_of(server, {"--connect-timeout", "400ms"});
        CHECK(run.exit_code == 3);
        CHECK(has(run.err, "no reply to AUTH in 0.4 s"));
    }
    SUBCASE("in mid-walk") {
        FakeServer server(two_pages([](FakeServer::Connection& client) {
            client.send_slowly(resp::scan_page("0", {"one", "two"}), 100ms);
        }));
        const ObservedRun run = keys_of(server, {"--timeout", "300ms"});
        CHECK(run.exit_code == 5);
        CHECK(run.out == "a\n");
        CHECK(has(run.err, "no reply to SCAN in 0.3 s (the list is not complete)"));
    }
}

TEST_CASE("a peer that falls silent in mid-walk is given up on after --timeout") {
    FakeServer server(two_pages([](FakeServer::Connection& client) { client.ignore(); }));
    const ObservedRun run = keys_of(server, {"--timeout", "200ms"});
    CHECK(run.exit_code == 5);
    CHECK(run.out == "a\n");
    CHECK(has(run.err, "no reply to SCAN in 0.2 s"));
    CHECK(server.connections() <= 5);
}

TEST_CASE("a server without HELLO is spoken to in RESP2") {
    FakeServer server(
        answer(polite_redis({{"HELLO", resp::error("ERR unknown command `HELLO`, with args")},
                             {"CLIENT", resp::error("ERR unknown subcommand")},
                             {"SCAN", resp::scan_page("0", {"a"})}})));
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "a\n");
    CHECK(run.err.empty());
}

namespace {

/// What comes behind SCAN CURSOR COUNT N.
FakeServer::Command filters_of_last_scan(const FakeServer& server) {
    FakeServer::Command filters;
    for (const FakeServer::Command& command : server.commands()) {
        if (command.front() == "SCAN") {
            filters.assign(command.begin() + 4, command.end());
        }
    }
    return filters;
}

}  // namespace

TEST_CASE("patterns that can hold an old server for minutes are matched here") {
    const std::string text(60, 'a');
    FakeServer server(answer(polite_redis({{"SCAN", resp::scan_page("0", {text, text + "b"})}})));
    const ObservedRun run = keys_of(server, {"a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == text + "b\n");
    CHECK(filters_of_last_scan(server).empty());
    CHECK(keys_of(server, {"a*b"}).exit_code == 0);
    CHECK(filters_of_last_scan(server) == FakeServer::Command{"MATCH", "a*b"});
}

TEST_CASE("a server's error text cannot reach the terminal as escape sequences") {
    FakeServer server(answer(polite_redis({{"SCAN", resp::error("ERR \x1b]0;owned\a bad")}})));
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 4);
    CHECK(run.err == "cachectl: error: cannot walk the keys: ERR \\x1b]0;owned\\x07 bad\n");
}
