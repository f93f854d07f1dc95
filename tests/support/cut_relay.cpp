#include "support/cut_relay.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "support/tcp_port.hpp"

namespace cachectl::test {

namespace {

sockaddr_in on_loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

void send_whole(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) {
            return;  // it has gone, which the next read tells
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

/// What is there of it; empty at its end.
std::string_view receive(int fd, std::array<char, 65536>& buffer) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

}  // namespace

CutRelay::CutRelay(Wire wire)
    : m_wire(wire), m_port(free_tcp_port()), m_wake(::eventfd(0, EFD_CLOEXEC)) {
    listen();
    m_thread = std::thread([this] { serve(); });
}

CutRelay::~CutRelay() {
    {
        const std::lock_guard lock(m_mutex);
        m_over = true;
    }
    wake();
    m_thread.join();
    stop_listening();
    for (Link& link : m_links) {
        drop_client(link);
        ::close(link.server);
    }
    ::close(m_wake);
}

void CutRelay::arm(const CutWish& wish) {
    const std::lock_guard lock(m_mutex);
    m_wish = wish;
    m_from_server = {};
    m_from_client = {};
    m_reached = false;
    m_holds_more = false;
    if (m_listener < 0) {
        listen();
        wake();
    }
}

void CutRelay::settle() {
    std::unique_lock lock(m_mutex);
    m_settling = true;
    m_settled = false;
    wake();
    const bool in_time =
        m_settled_event.wait_for(lock, std::chrono::seconds(30), [this] { return m_settled; });
    m_settling = false;
    if (!in_time) {
        throw std::runtime_error("the relay's connections do not end");
    }
}

void CutRelay::listen() {
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in at = on_loopback(m_port);
    if (::bind(m_listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(m_listener, 16) != 0) {
        throw std::runtime_error("the relay cannot listen");
    }
}

void CutRelay::stop_listening() {
    if (m_listener >= 0) {
        ::close(std::exchange(m_listener, -1));
    }
}

void CutRelay::wake() const { ::eventfd_write(m_wake, 1); }

void CutRelay::serve() {
    bool over = false;
    while (!over) {
        std::vector<pollfd> ends;
        bool settling = false;
        {
            const std::lock_guard lock(m_mutex);
            ends = {{m_wake, POLLIN, 0}, {m_listener, POLLIN, 0}};
            for (const Link& link : m_links) {
                ends.push_back({link.client, POLLIN, 0});
                ends.push_back({link.server, POLLIN, 0});
            }
            settling = m_settling && m_links.empty();
        }
        ::poll(ends.data(), ends.size(), settling ? 0 : -1);
        const std::lock_guard lock(m_mutex);
        eventfd_t wakes = 0;
        if (ends[0].revents != 0) {
            ::eventfd_read(m_wake, &wakes);
        }
        auto end = ends.begin() + 2;
        for (Link& link : m_links) {
            const bool from_client = (end++)->revents != 0;
            const bool from_server = (end++)->revents != 0;
            if (from_client && link.client >= 0) {
                read_client(link);
            }
            if (from_server && link.server >= 0) {
                read_server(link);
            }
        }
        m_links.remove_if([](const Link& link) { return link.server < 0; });
        const bool arrives = m_listener >= 0 && ends[1].revents != 0;
        if (arrives) {
            accept_client();
        } else if (settling && m_settling) {
            m_settled = true;
            m_settling = false;
            m_settled_event.notify_all();
        }
        over = m_over;
    }
}

void CutRelay::accept_client() {
    const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
        return;
    }
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = on_loopback(m_server);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(server);
        ::close(client);
        return;
    }
    m_links.push_back({client, server, WireUnits(m_wire), WireUnits(m_wire)});
}

void CutRelay::read_client(Link& link) {
    std::array<char, 65536> buffer;
    const std::string_view all = receive(link.client, buffer);
    if (all.empty()) {
        drop_client(link);
        return;
    }
    if (m_wish.replies && m_reached && m_wish.held == CutWish::Held::everything) {
        return;
    }
    const std::string_view bytes = up_to_cut(Side::client, all);
    send_whole(link.server, bytes);
    count(m_from_client, link.commands, bytes);
    if (m_wish.side == Side::client && m_wish.bytes == m_from_client.bytes) {
        cut(link);
    }
}

void CutRelay::read_server(Link& link) {
    std::array<char, 65536> buffer;
    if (link.client >= 0 && m_wish.replies && m_reached) {
        m_holds_more = true;
    }
    const std::string_view all = receive(link.server, buffer);
    if (all.empty()) {
        drop_client(link);
        ::close(std::exchange(link.server, -1));
        return;
    }
    if (link.client < 0 || m_holds_more) {
        return;
    }
    std::string_view bytes = up_to_cut(Side::server, all);
    std::string_view passed = bytes.substr(0, up_to_hold(link, bytes));
    send_whole(link.client, passed);
    m_holds_more = m_reached && m_wish.replies && passed.size() < bytes.size();
    if (m_wish.side == Side::server && m_wish.bytes == m_from_server.bytes) {
        cut(link);
    }
}

std::string_view CutRelay::up_to_cut(Side side, std::string_view bytes) const {
    const bool is_counted = m_wish.side == side && m_wish.bytes && !m_reached;
    return is_counted ? bytes.substr(0, *m_wish.bytes - passed(side).bytes) : bytes;
}

void CutRelay::count(PassedBytes& passed, WireUnits& units, std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t n = units.read_unit(bytes);
        bytes.remove_prefix(n);
        passed.bytes += n;
        if (units.at_end()) {
            passed.ends.push_back(passed.bytes);
        }
    }
}

/// How many of the bytes may be passed on; they are counted.
std::size_t CutRelay::up_to_hold(Link& link, std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !(m_wish.replies && m_reached)) {
        const std::size_t n = link.replies.read_unit(bytes.substr(taken));
        taken += n;
        m_from_server.bytes += n;
        if (link.replies.at_end()) {
            m_from_server.ends.push_back(m_from_server.bytes);
            if (m_wish.replies == m_from_server.ends.size()) {
                m_reached = true;
            }
        }
    }
    return taken;
}

void CutRelay::cut(Link& link) {
    m_reached = true;
    drop_client(link);
    if (m_wish.after == CutWish::After::is_dead) {
        stop_listening();
        for (Link& other : m_links) {
            drop_client(other);
        }
    }
}

// The server reads what it was sent to its end before it closes the connection.
void CutRelay::drop_client(Link& link) {
    if (link.client >= 0) {
        ::close(std::exchange(link.client, -1));
        ::shutdown(link.server, SHUT_WR);
    }
}

}  // namespace cachectl::test
