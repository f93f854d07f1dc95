#include "redis/connection.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

using namespace cachectl;
using namespace std::chrono_literals;
using Type = Reply::Type;

namespace {

/// Our end of a socket pair, as a server's stream.
class PairStream : public Stream {
public:
    explicit PairStream(int fd) : m_fd(fd) {}
    ~PairStream() override { ::close(m_fd); }
    PairStream(const PairStream&) = delete;
    PairStream& operator=(const PairStream&) = delete;

    Result read(std::span<char> into) override {
        const ssize_t n = ::recv(m_fd, into.data(), into.size(), 0);
        if (n == 0) {
            return {Status::closed, 0, {}};
        }
        return result_of(n);
    }
    Result write(std::string_view bytes) override {
        return result_of(::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
    [[nodiscard]] int fd() const override { return m_fd; }

private:
    static Result result_of(ssize_t n) {
        if (n >= 0) {
            return {Status::ok, static_cast<std::size_t>(n), {}};
        }
        if (errno == EAGAIN || errno == EINTR) {
            return {Status::again, 0, {}};
        }
        return {Status::failed, 0, std::strerror(errno)};
    }
    int m_fd;
};

struct Fixture {
    explicit Fixture(std::chrono::milliseconds timeout = 5s) {
        int fds[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        peer = fds[1];
        connection.emplace(loop, std::make_unique<PairStream>(fds[0]), timeout);
    }
    ~Fixture() { hang_up(); }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    void send(std::initializer_list<std::string_view> args) {
        connection->send(std::span(args.begin(), args.size()),
                         [this](Reply reply) { replies.push_back(std::move(reply)); });
    }
    void say(std::string_view bytes) {
        REQUIRE(::send(peer, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    }
    void hang_up() {
        if (peer >= 0) {
            ::close(std::exchange(peer, -1));
        }
    }
    /// Turns until so many replies have come.
    void run(std::size_t wanted) {
        loop.run_until([&] { return replies.size() >= wanted; });
    }
    /// Turns until what was queued has gone, and takes it as the peer.
    std::string heard(std::size_t bytes) {
        std::string text;
        loop.run_until([&] {
            char buffer[4096];
            ssize_t n = 0;
            while ((n = ::recv(peer, buffer, sizeof buffer, 0)) > 0) {
                text.append(buffer, static_cast<std::size_t>(n));
            }
            return text.size() >= bytes;
        });
        return text;
    }

    Loop loop;
    int peer = -1;
    std::optional<Connection> connection;
    std::vector<Reply> replies;
};

}  // namespace

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
