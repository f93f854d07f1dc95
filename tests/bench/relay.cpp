// A long way to the server: a process for each connection that holds every byte for a while.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "peer.hpp"

namespace peer {

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_un address_of(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return address;
}

int unix_socket() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        std::exit(1);
    }
    return fd;
}

/// One direction.
struct Way {
    struct Parcel {
        Clock::time_point due;
        std::string bytes;
    };
    int from;
    int to;
    std::deque<Parcel> parcels;

    // Takes all there is, so that the sender is never held up: the link is long, not narrow.
    bool take(Clock::duration delay) {
        char bytes[65536];
        const ssize_t size = ::read(from, bytes, sizeof bytes);
        if (size <= 0) {
            return false;
        }
        parcels.push_back({Clock::now() + delay, {bytes, static_cast<std::size_t>(size)}});
        return true;
    }

    bool hand_over() {
        while (!parcels.empty() && parcels.front().due <= Clock::now()) {
            std::string& bytes = parcels.front().bytes;
            const ssize_t size = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size < 0) {
                return false;
            }
            bytes.erase(0, static_cast<std::size_t>(size));
            if (bytes.empty()) {
                parcels.pop_front();
            }
        }
        return true;
    }
};

void carry(int client, int server, Clock::duration delay) {
    Way there{client, server, {}};
    Way back{server, client, {}};
    while (true) {
        auto due = Clock::time_point::max();
        for (const Way* way : {&there, &back}) {
            if (!way->parcels.empty()) {
                due = std::min(due, way->parcels.front().due);
            }
        }
        timespec wait{1, 0};
        if (due != Clock::time_point::max()) {
            const auto left = std::max(due - Clock::now(), Clock::duration(0));
            wait = {0, std::chrono::duration_cast<std::chrono::nanoseconds>(left).count()};
        }
        pollfd fds[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::ppoll(fds, 2, &wait, nullptr) < 0) {
            return;
        }
        if ((fds[0].revents != 0 && !there.take(delay)) ||
            (fds[1].revents != 0 && !back.take(delay)) || !there.hand_over() || !back.hand_over()) {
            return;
        }
    }
}

}  // namespace

int relay(const char* listen_at, const char* server, int delay_ms) {
    ::signal(SIGCHLD, SIG_IGN);
    const int listener = unix_socket();
    const sockaddr_un here = address_of(listen_at);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
        ::listen(listener, 16) != 0) {
        std::perror("peer: cannot listen");
        return 1;
    }
    while (true) {
        const int client = ::accept(listener, nullptr, nullptr);
        if (client < 0) {
            return 1;
        }
        if (::fork() == 0) {
            const int out = unix_socket();
            const sockaddr_un there = address_of(server);
            if (::connect(out, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) {
                carry(client, out, std::chrono::milliseconds(delay_ms));
            }
            std::_Exit(0);
        }
        ::close(client);
    }
}

}  // namespace peer
