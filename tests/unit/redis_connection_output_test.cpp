// What a Connection sends: which bytes, when they leave, and from where they are taken.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "support/connection_fixture.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using Fixture = cachectl::test::ConnectionFixture;
using Type = Reply::Type;

TEST_CASE("commands are length-prefixed bytes, and those queued together leave together") {
    Fixture f;
    f.send({"GET", std::string_view("a\r\nb\0", 5)});
    f.send({"PING", ""});
    const std::string expected =
        std::string("*2\r\n$3\r\nGET\r\n$5\r\na\r\nb\0\r\n", 24) + "*2\r\n$4\r\nPING\r\n$0\r\n\r\n";
    CHECK(f.heard(expected.size()) == expected);
    CHECK(f.connection->pending() == 2);
}

TEST_CASE("what a reply leads to leaves in the same turn") {
    Fixture f;
    f.connection->send(std::array<std::string_view, 1>{"PING"}, [&](const Reply&) {
        f.send({"DBSIZE"});
        f.send({"TIME"});
    });
    f.heard(14);
    f.say("+PONG\r\n");
    f.loop.run_until([turned = false]() mutable { return std::exchange(turned, true); });
    char bytes[100];
    const ssize_t n = ::recv(f.peer, bytes, sizeof bytes, 0);
    REQUIRE(n > 0);
    CHECK(std::string_view(bytes, static_cast<std::size_t>(n)) ==
          "*1\r\n$6\r\nDBSIZE\r\n*1\r\n$4\r\nTIME\r\n");
}

TEST_CASE("a command of many arguments") {
    Fixture f;
    std::vector<std::string_view> args(1001, "k");
    args[0] = "UNLINK";
    f.connection->send(args, [](const Reply&) {});
    const std::string heard = f.heard(6 + 12 + 7 * 1000);
    CHECK(heard.starts_with("*1001\r\n$6\r\nUNLINK\r\n$1\r\nk\r\n"));
    CHECK(heard.size() == 7 + 12 + 7 * 1000);
}

TEST_CASE("what a page leads to leaves before the next page is looked at") {
    Fixture f;
    std::vector<std::string> heard_meanwhile;
    for (int i = 0; i < 3; ++i) {
        f.connection->send(std::vector<std::string_view>{"SCAN", "0"}, [&](Reply reply) {
            std::string text(200, '\0');
            const ssize_t n = ::recv(f.peer, text.data(), text.size(), 0);
            heard_meanwhile.push_back(
                text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(0, n))));
            f.send({"NEXT", reply.text.substr(0, 1)});
        });
    }
    f.heard(60);
    std::string pages;
    for (const char page : {'a', 'b', 'c'}) {
        pages += "$20000\r\n" + std::string(20'000, page) + "\r\n";
    }
    f.say(pages);  // at once
    f.loop.run_until([&] { return heard_meanwhile.size() == 3; });
    CHECK(heard_meanwhile == std::vector<std::string>{"", "*2\r\n$4\r\nNEXT\r\n$1\r\na\r\n",
                                                      "*2\r\n$4\r\nNEXT\r\n$1\r\nb\r\n"});
}

TEST_CASE("what small replies lead to shares a write") {
    Fixture f;
    std::size_t heard_meanwhile = 0;
    for (int i = 0; i < 3; ++i) {
        f.connection->send(std::vector<std::string_view>{"SET"}, [&](const Reply&) {
            char bytes[100];
            heard_meanwhile += ::recv(f.peer, bytes, sizeof bytes, 0) > 0 ? 1 : 0;
            f.send({"GET"});
        });
    }
    f.heard(39);
    f.say("+OK\r\n+OK\r\n+OK\r\n");
    CHECK(f.heard(39) == "*1\r\n$3\r\nGET\r\n*1\r\n$3\r\nGET\r\n*1\r\n$3\r\nGET\r\n");
    CHECK(heard_meanwhile == 0);
}

TEST_CASE("a pipeline that never runs empty is sent in order, byte for byte") {
    Fixture f;
    std::string expected;
    std::string heard;
    for (int i = 0; i < 200; ++i) {
        const std::string value = std::to_string(i) + std::string(20'000, 'x');
        f.send({"SET", value});
        expected += "*2\r\n$3\r\nSET\r\n$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
        // A little less than is queued, so that something is always left.
        if (i % 4 == 3) {
            heard += f.heard(50'000);
        }
    }
    heard += f.heard(expected.size() - heard.size());
    CHECK(heard == expected);
}

namespace {

std::string set_command(std::string_view value) {
    return "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + std::to_string(value.size()) + "\r\n" +
           std::string(value) + "\r\n";
}

/// Sends SET with the value from where it is.
void set_in_place(Fixture& f, std::string_view value) {
    f.connection->send_in_place(std::array<std::string_view, 3>{"SET", "k", value},
                                [&f](Reply reply) { f.replies.push_back(std::move(reply)); });
}

}  // namespace

TEST_CASE("large arguments are sent from where they are, in their turn") {
    Fixture f;
    std::string first(300'000, 'a');
    std::string second(200'000, 'b');
    f.send({"PING"});
    set_in_place(f, first);
    f.send({"DBSIZE"});
    set_in_place(f, second);
    set_in_place(f, "small");
    f.send({"TIME"});
    std::fill(first.begin(), first.end(), 'A');  // it is read when it is sent
    const std::string expected = "*1\r\n$4\r\nPING\r\n" + set_command(first) +
                                 "*1\r\n$6\r\nDBSIZE\r\n" + set_command(second) +
                                 set_command("small") + "*1\r\n$4\r\nTIME\r\n";
    CHECK((f.heard(expected.size()) == expected));
    f.say("+PONG\r\n+OK\r\n:1\r\n+OK\r\n+OK\r\n*0\r\n");
    f.run(6);
    CHECK(f.replies.at(5).is_array());
}

TEST_CASE("what has to leave its place before it is sent is copied") {
    Fixture f;
    std::string value(3'000'000, 'a');
    const std::string expected = set_command(value) + "*1\r\n$4\r\nPING\r\n";
    set_in_place(f, value);
    f.send({"PING"});
    std::string heard = f.heard(500'000);
    f.connection->copy_in_place();
    std::fill(value.begin(), value.end(), '!');
    heard += f.heard(expected.size() - heard.size());
    CHECK((heard == expected));
}

TEST_CASE("a server that answers a command before all of it is there gets no more of it") {
    Fixture f;
    {
        const std::string value(3'000'000, 'a');
        set_in_place(f, value);
        f.send({"PING"});
        f.heard(500'000);
        f.say("-ERR Protocol error: invalid bulk length\r\n");
        f.run(1);
    }
    CHECK(f.replies.at(0).text == "ERR Protocol error: invalid bulk length");
    f.hang_up();
    f.run(2);
    CHECK(f.replies.at(1).type == Type::unsent);
    CHECK(f.connection->failure() == "the server replied to a command before it was complete");
}
