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

/// Parses redis://[[USER]:PASSWORD@][HOST][:PORT][/DB], rediss://… (TLS) and
/// unix://[[USER]:PASSWORD@]PATH[?db=N]; valkey:// and valkeys:// are the same as redis:// and
/// rediss://. USER, PASSWORD, HOST and PATH are percent-decoded, an IPv6 address stands in
/// brackets, with its scope id behind a '%'. As with redis-cli, SECRET@ is a password.
/// Throws Error(usage) with a message that never repeats the password.
ServerAddress parse_server_url(std::string_view url);

/// The URL, or what was meant to be one, with "***" in place of its password: for messages.
std::string redact_url(std::string_view url);

/// The number, or Error(usage) that says what it should have been and calls it `what`.
std::uint16_t parse_port(std::string_view text, std::string_view what);
unsigned parse_db(std::string_view text, std::string_view what);

}  // namespace cachectl
