#include "support/resp_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace cachectl::test {

namespace {

void append_command(std::string& out, const RespClient::Args& args) {
    out += '*' + std::to_string(args.size()) + "\r\n";
    for (const std::string& arg : args) {
        out += '$' + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
    }
}

RespValue expect_type(RespValue value, RespValue::Type type, const RespClient::Args& args) {
    if (value.type != type) {
        throw std::runtime_error("unexpected reply to " + args.at(0) + ": " + value.text);
    }
    return value;
}

int connected(int fd, const sockaddr* address, socklen_t size, const std::string& name) {
    if (::connect(fd, address, size) != 0) {
        const int cause = errno;
        ::close(fd);
        throw std::runtime_error("cannot connect to " + name + ": " + std::strerror(cause));
    }
    return fd;
}

}  // namespace

RespClient RespClient::unix_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("path too long: " + path);
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return RespClient(
        connected(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address, path));
}

RespClient RespClient::tcp(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return RespClient(connected(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address,
                                "127.0.0.1:" + std::to_string(port)));
}

RespClient::RespClient(int fd) : m_fd(fd) {
    const timeval patience{30, 0};
    ::setsockopt(m_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(m_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RespClient::~RespClient() {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

RespClient::RespClient(RespClient&& other) noexcept
    : m_fd(std::exchange(other.m_fd, -1)),
      m_buffer(std::move(other.m_buffer)),
      m_at(std::exchange(other.m_at, 0)) {}

RespValue RespClient::command(const Args& args) {
    std::string request;
    append_command(request, args);
    write_all(request);
    return read_value();
}

std::string RespClient::text(const Args& args) {
    return expect_type(command(args), RespValue::Type::text, args).text;
}

std::int64_t RespClient::integer(const Args& args) {
    return expect_type(command(args), RespValue::Type::integer, args).integer;
}

std::vector<std::string> RespClient::list(const Args& args) {
    std::vector<std::string> result;
    for (RespValue& element : expect_type(command(args), RespValue::Type::array, args).elements) {
        result.push_back(std::move(element.text));
    }
    return result;
}

void RespClient::run(const Args& args) {
    const RespValue reply = command(args);
    if (reply.type == RespValue::Type::error) {
        throw std::runtime_error(args.at(0) + " failed: " + reply.text);
    }
}

void RespClient::pipeline(std::size_t count, const std::function<Args(std::size_t)>& make) {
    // Few enough that their replies fit into the socket's buffers while we only write.
    constexpr std::size_t k_batch = 1000;
    for (std::size_t done = 0; done < count; done += k_batch) {
        const std::size_t end = std::min(count, done + k_batch);
        std::string request;
        for (std::size_t i = done; i < end; ++i) {
            append_command(request, make(i));
        }
        write_all(request);
        for (std::size_t i = done; i < end; ++i) {
            const RespValue reply = read_value();
            if (reply.type == RespValue::Type::error) {
                throw std::runtime_error(reply.text);
            }
        }
    }
}

void RespClient::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            throw std::runtime_error(std::string("send: ") + std::strerror(errno));
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void RespClient::fill() {
    m_buffer.erase(0, m_at);
    m_at = 0;
    std::array<char, 65536> chunk;
    ssize_t n = 0;
    do {
        n = ::recv(m_fd, chunk.data(), chunk.size(), 0);
    } while (n < 0 && errno == EINTR);
    if (n == 0) {
        throw std::runtime_error("the server closed the connection");
    }
    if (n < 0) {
        throw std::runtime_error(std::string("recv: ") + std::strerror(errno));
    }
    m_buffer.append(chunk.data(), static_cast<std::size_t>(n));
}

std::string RespClient::read_line() {
    std::size_t end = 0;
    while ((end = m_buffer.find("\r\n", m_at)) == std::string::npos) {
        fill();
    }
    std::string line = m_buffer.substr(m_at, end - m_at);
    m_at = end + 2;
    return line;
}

RespValue RespClient::read_value() {
    using Type = RespValue::Type;
    const std::string line = read_line();
    const std::string rest = line.substr(std::min<std::size_t>(1, line.size()));
    RespValue value;
    switch (line.empty() ? '\0' : line[0]) {
        case '+':
            return {Type::text, 0, rest, {}};
        case '-':
            return {Type::error, 0, rest, {}};
        case ':':
            return {Type::integer, std::stoll(rest), {}, {}};
        case '$': {
            const long long size = std::stoll(rest);
            if (size < 0) {
                return value;
            }
            const auto length = static_cast<std::size_t>(size);
            while (m_buffer.size() - m_at < length + 2) {
                fill();
            }
            value.type = Type::text;
            value.text = m_buffer.substr(m_at, length);
            m_at += length + 2;
            return value;
        }
        case '*': {
            const long long size = std::stoll(rest);
            if (size < 0) {
                return value;
            }
            value.type = Type::array;
            for (long long i = 0; i < size; ++i) {
                value.elements.push_back(read_value());
            }
            return value;
        }
        default:
            throw std::runtime_error("not a RESP2 reply: " + line);
    }
}

}  // namespace cachectl::test
