// A Connection over a socket pair, for the tests of redis/connection.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "redis/connection.hpp"

namespace cachectl::test {

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

/// A connection, and the other end of its stream.
struct ConnectionFixture {
    explicit ConnectionFixture(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
        int fds[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        peer = fds[1];
        connection.emplace(loop, std::make_unique<PairStream>(fds[0]), timeout);
    }
    ~ConnectionFixture() { hang_up(); }
    ConnectionFixture(const ConnectionFixture&) = delete;
    ConnectionFixture& operator=(const ConnectionFixture&) = delete;

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

}  // namespace cachectl::test
