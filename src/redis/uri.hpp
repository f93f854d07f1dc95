// Where a server is and how to log in there: redis://, rediss://, unix://, percent-decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cachectl {

struct ServerAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    std::string socket_path;  // not empty: a Unix socket, and host and port mean nothing
    std::string user;         // empty: the default user
    std::string password;     // empty: no AUTH; never printed
    unsigned db = 0;
    bool tls = false;

    /// "10.0.0.5:6379", "[::1]:6379" or "/run/redis.sock": what messages call the server.
    [[nodiscard]] std::string name() const;
};

/// Parses redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss://… and unix://[…@]PATH[?db=N].
/// Throws Error(usage) with a message that never repeats the password.
ServerAddress parse_server_url(std::string_view url);

}  // namespace cachectl
