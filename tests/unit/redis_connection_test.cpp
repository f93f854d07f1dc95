#include "redis/connection.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>

#include "support/connection_fixture.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using Fixture = cachectl::test::ConnectionFixture;
using Type = Reply::Type;

TEST_CASE("replies come in the order of the commands, wherever the bytes are cut") {
    Fixture f;
    for (int i = 0; i < 3; ++i) {
        f.send({"GET", "k"});
    }
    f.heard(60);
    f.say("$1\r\na\r\n$-1");
    f.run(1);
    f.say("\r\n-ERR no\r\n");
    f.run(3);
    REQUIRE(f.replies.size() == 3);
    CHECK(f.replies[0].text == "a");
    CHECK(f.replies[1].is_nil());
    CHECK(f.replies[2].error_prefix() == "ERR");
    CHECK(f.connection->pending() == 0);
    CHECK(f.connection->failure().empty());
}

TEST_CASE("a reply's callback may send") {
    Fixture f;
    f.connection->send(std::vector<std::string_view>{"ONE"}, [&](Reply) { f.send({"TWO"}); });
    f.heard(13);
    f.say("+1\r\n");
    f.loop.run_until([&] { return f.connection->pending() == 1 && f.replies.empty(); });
    f.heard(13);
    f.say("+2\r\n");
    f.run(1);
    CHECK(f.replies.at(0).text == "2");
}

TEST_CASE("when the server goes, what was sent is lost and what was not is unsent") {
    Fixture f;
    f.send({"ONE"});
    f.heard(13);
    f.connection->send(std::vector<std::string_view>{"CLOSER"}, [&](Reply) {});
    f.heard(16);
    f.hang_up();
    f.run(1);
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].type == Type::lost);
    CHECK(f.replies[0].text == "connection closed by the server");
    CHECK(f.connection->failure() == "connection closed by the server");
    f.send({"LATER"});  // answered at once
    REQUIRE(f.replies.size() == 2);
    CHECK(f.replies[1].type == Type::unsent);
    CHECK(f.replies[1].text == "connection closed by the server");
    for (const Reply& reply : f.replies) {
        CHECK(reply.is_lost_by(Loss::Cause::closed));
    }
    CHECK(f.connection->pending() == 0);
}

TEST_CASE("a command of which not a byte has left is unsent") {
    Fixture f;
    const std::string large(8 * 1024 * 1024, 'x');  // more than the socket holds
    f.send({"SET", "k", large});
    f.send({"SET", "l", "v"});
    f.loop.run_until([n = 0]() mutable { return ++n > 1; });  // one turn
    f.hang_up();
    f.run(2);
    REQUIRE(f.replies.size() == 2);
    CHECK(f.replies[0].type == Type::lost);
    CHECK(f.replies[1].type == Type::unsent);
}

TEST_CASE("what the server says before it hangs up is the reason") {
    Fixture f;
    f.send({"PING"});
    f.say("-ERR max number of clients reached\r\n");
    f.hang_up();
    f.run(1);
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].text == "ERR max number of clients reached");
}

TEST_CASE("a reply that nothing asked for breaks the connection") {
    Fixture f;
    f.send({"PING"});
    f.say("+PONG\r\n+PONG\r\n");
    f.loop.run_until([&] { return !f.connection->failure().empty(); });
    CHECK(f.replies.size() == 1);
    CHECK(f.connection->failure() == "a reply that nothing asked for");
}

TEST_CASE("bytes that are no reply break the connection; nothing behind them is believed") {
    Fixture f;
    f.send({"ONE"});
    f.send({"TWO"});
    f.heard(26);
    f.say("+1\r\nrubbish\r\n+2\r\n");
    f.run(2);
    REQUIRE(f.replies.size() == 2);
    CHECK(f.replies[0].text == "1");
    CHECK(f.replies[1].type == Type::lost);
    CHECK(f.replies[1].text.starts_with("broken reply: "));
}

TEST_CASE("a reply that does not come in time is lost, and so are those behind it") {
    Fixture f(50ms);
    f.send({"SCAN", "0"});
    f.send({"PTTL", "k"});
    const auto start = std::chrono::steady_clock::now();
    f.run(2);
    CHECK(std::chrono::steady_clock::now() - start >= 50ms);
    REQUIRE(f.replies.size() == 2);
    CHECK(f.replies[0].type == Type::lost);
    CHECK(f.replies[0].text == "no reply to SCAN in 0.05 s");
    CHECK(f.replies[1].type == Type::lost);
}

TEST_CASE("the deadline is one reply's, not that of all") {
    Fixture f(300ms);
    for (int i = 0; i < 4; ++i) {
        f.send({"PING"});
    }
    for (int i = 1; i <= 4; ++i) {
        f.loop.after(150ms * i, [&] { f.say("+PONG\r\n"); });
    }
    f.run(4);
    REQUIRE(f.replies.size() == 4);
    for (const Reply& reply : f.replies) {
        CHECK(reply.text == "PONG");
    }
}

TEST_CASE("a command that was queued for long still gets its time once it has left") {
    Fixture f(100ms);
    f.send({"PING"});
    std::this_thread::sleep_for(150ms);  // the program was busy with something else
    f.loop.after(20ms, [&] { f.say("+PONG\r\n"); });
    f.run(1);
    CHECK(f.replies.at(0).text == "PONG");
}

TEST_CASE("a connection with nothing to wait for has no deadline") {
    Fixture f(10ms);
    CHECK_FALSE(f.connection->deadline());
    f.send({"PING"});
    CHECK(f.connection->deadline());
    f.say("+PONG\r\n");
    f.run(1);
    CHECK_FALSE(f.connection->deadline());
}

TEST_CASE("a reply that comes on is waited for, longer than one of which nothing comes") {
    Fixture f(1s);
    f.send({"GET", "k"});
    f.heard(20);
    std::thread peer([&] {
        f.say("$40960\r\n");
        for (int i = 0; i < 4; ++i) {
            std::this_thread::sleep_for(500ms);
            f.say(std::string(10'240, 'x'));
        }
        f.say("\r\n");
    });
    f.run(1);
    peer.join();
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].text.size() == 40'960);
}

TEST_CASE("a reply that drips is not waited for without end") {
    Fixture f(500ms);
    f.send({"GET", "k"});
    f.heard(20);
    std::atomic<bool> over = false;
    std::thread peer([&] {
        f.say("$100000\r\n");
        while (!over) {
            std::this_thread::sleep_for(50ms);
            if (!over) {
                f.say("x");
            }
        }
    });
    f.run(1);
    over = true;
    peer.join();
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].type == Type::lost);
    CHECK(f.replies[0].text == "no reply to GET in 0.5 s");
}
