// redis/connection and redis/loop over a stream that the test holds both ends of: what a process
// sees whose own time stood still, and what its commands are told when the stream breaks.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "redis/connect.hpp"
#include "redis/connection.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

/// One end of a socket pair as a Stream; the other end is the peer, in the test's hands.
class PairStream : public Stream {
public:
    explicit PairStream(int fd) : m_fd(fd) {}
    ~PairStream() override { ::close(m_fd); }
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
        if (errno == EAGAIN) {
            return {Status::again, 0, {}};
        }
        return {Status::failed, 0, std::strerror(errno)};
    }
    int m_fd;
};

struct Peer {
    int fd = -1;
    std::unique_ptr<Stream> stream;

    Peer() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            throw std::runtime_error("socketpair failed");
        }
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        stream = std::make_unique<PairStream>(ends[0]);
        fd = ends[1];
    }
    ~Peer() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    void say(std::string_view bytes) const {
        CHECK(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(bytes.size()));
    }
    void hang_up() {
        ::close(fd);
        fd = -1;
    }
};

/// Turns the loop until what is queued has left.
void flush(Loop& loop, const Peer& peer) {
    bool left = false;
    const std::function<void()> look = [&] {
        char byte = 0;
        left = ::recv(peer.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
        if (!left) {
            loop.after(1ms, look);
        }
    };
    look();
    loop.run_until([&] { return left; });
}

struct Replies {
    std::vector<Reply> all;
    Client::Callback take() {
        return [this](Reply reply) { all.push_back(std::move(reply)); };
    }
};

using Args = std::vector<std::string_view>;

/// From now on this process lives on a machine that was started without IPv6.
bool forbid_ipv6() {
    const auto refuse = static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, refuse),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{std::size(rules), rules};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("the wait for a reply begins when its command has left, not when it was queued") {
    Loop loop;
    Peer peer;
    Connection connection(loop, std::move(peer.stream), 200ms);
    Replies replies;
    connection.send(Args{"PING"}, replies.take());
    std::this_thread::sleep_for(400ms);  // stopped, or held up by a reader of our output
    std::thread server([&] {
        char byte = 0;
        CHECK(::recv(peer.fd, &byte, 1, 0) == 1);
        std::this_thread::sleep_for(50ms);
        peer.say("+PONG\r\n");
    });
    loop.run_until([&] { return !replies.all.empty(); });
    server.join();
    REQUIRE(replies.all.size() == 1);
    CHECK(replies.all[0].type == Reply::Type::status);
    CHECK(replies.all[0].text == "PONG");
}

TEST_CASE("a reply that came while the process stood still is no timeout") {
    Loop loop;
    Peer peer;
    Connection connection(loop, std::move(peer.stream), 200ms);
    Replies replies;
    connection.send(Args{"PING"}, replies.take());
    flush(loop, peer);
    peer.say("+PONG\r\n");
    std::this_thread::sleep_for(400ms);
    loop.run_until([&] { return !replies.all.empty(); });
    REQUIRE(replies.all.size() == 1);
    CHECK(replies.all[0].text == "PONG");
}

TEST_CASE("each reply has the whole timeout, and no more for coming in parts") {
    Loop loop;
    Peer peer;
    Connection connection(loop, std::move(peer.stream), 300ms);
    Replies replies;
    for (int i = 0; i < 3; ++i) {
        connection.send(Args{"PING"}, replies.take());
    }
    for (const auto delay : {200ms, 400ms}) {
        loop.after(delay, [&] { peer.say("+PONG\r\n"); });
    }
    for (int i = 0; i < 8; ++i) {
        loop.after(450ms + i * 50ms, [&] { peer.say("$"); });
    }
    loop.run_until([&] { return replies.all.size() == 3; });
    CHECK(replies.all[0].text == "PONG");
    CHECK(replies.all[1].text == "PONG");
    CHECK(replies.all[2].type == Reply::Type::lost);
}

TEST_CASE("a broken connection tells what was sent from what never left") {
    Loop loop;
    Peer peer;
    const int small = 4096;
    ::setsockopt(peer.stream->fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    Connection connection(loop, std::move(peer.stream), 5s);
    Replies replies;
    const std::string large(4'000'000, 'x');
    connection.send(Args{"SET", "a", "1"}, replies.take());
    connection.send(Args{"SET", "b", large}, replies.take());
    connection.send(Args{"SET", "c", "3"}, replies.take());
    flush(loop, peer);
    peer.say("+OK\r\n");
    loop.run_until([&] { return replies.all.size() == 1; });
    peer.hang_up();
    loop.run_until([&] { return replies.all.size() == 3; });
    CHECK(replies.all[0].text == "OK");
    CHECK(replies.all[1].type == Reply::Type::lost);
    CHECK(replies.all[2].type == Reply::Type::unsent);
    connection.send(Args{"PING"}, replies.take());
    REQUIRE(replies.all.size() == 4);
    CHECK(replies.all[3].type == Reply::Type::unsent);
    CHECK(replies.all[3].text == connection.failure());
}

TEST_CASE("the peer's last words are read although it takes no more") {
    Loop loop;
    Peer peer;
    peer.say("-ERR max number of clients reached\r\n");
    peer.hang_up();
    Connection connection(loop, std::move(peer.stream), 5s);
    Replies replies;
    for (int i = 0; i < 2; ++i) {
        connection.send(Args{"PING"}, replies.take());
    }
    loop.run_until([&] { return replies.all.size() == 2; });
    CHECK(replies.all[0].text == "ERR max number of clients reached");
    CHECK(replies.all[1].is_broken());
}

TEST_CASE("a reply that comes before its command has left is not taken for one") {
    Loop loop;
    Peer peer;
    peer.say("+OK\r\n");
    Connection connection(loop, std::move(peer.stream), 5s);
    Replies replies;
    connection.send(Args{"FLUSHDB"}, replies.take());
    loop.run_until([&] { return replies.all.size() == 1; });
    CHECK(replies.all[0].type == Reply::Type::unsent);
    CHECK(connection.failure() == "a reply that nothing asked for");
}

TEST_CASE("an error that nothing asked for is kept as the reason") {
    Loop loop;
    Peer peer;
    Connection connection(loop, std::move(peer.stream), 5s);
    Replies replies;
    connection.send(Args{"PING"}, replies.take());
    flush(loop, peer);
    peer.say("+PONG\r\n-ERR killed\r\n");
    loop.run_until([&] { return !connection.failure().empty(); });
    CHECK(replies.all.size() == 1);
    CHECK(connection.failure() == "ERR killed");
}

TEST_CASE("where the system has no IPv6 such an address is one that cannot be reached") {
    constexpr int k_no_seccomp = 77;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (!forbid_ipv6()) {
            ::_exit(k_no_seccomp);
        }
        ServerAddress address;
        address.host = "::1";
        try {
            Loop loop;
            StreamConnect connect(loop, address, 1s, nullptr, [] {});
            loop.run_until([&] { return connect.ended(); });
            (void)connect.take();
        } catch (const Error& error) {
            const std::string said = error.what();
            const bool right =
                said.ends_with("[::1]:6379: " + std::string(std::strerror(EAFNOSUPPORT)));
            ::_exit(right ? static_cast<int>(error.code()) : 1);
        }
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == static_cast<int>(ExitCode::unreachable));
}
