// Where a server is and how to log in there: redis://, rediss://, unix://, percent-decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

struct HostPort {
    std::string host;
    std::uint16_t port = 0;

    /// "10.0.0.5:6379" or "[::1]:6379"
    [[nodiscard]] std::string name() const;
    friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

/// Whether the Sentinels are spoken to with TLS.
enum class SentinelTls { as_the_server, on, off };

/// The Sentinels that know where a server is, see redis/sentinel.hpp.
struct SentinelGroup {
    std::vector<HostPort> nodes;
    std::string master_name;
    std::string user, password;  // to log in to the Sentinels; those of the server are its own
    SentinelTls tls = SentinelTls::as_the_server;
};

/// The server that was named, or one of its replicas.
enum class ReadFrom { server, replica };

struct ServerAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    std::string socket_path;  // not empty: a Unix socket, and host and port mean nothing
    std::string user;         // who is logged in as, with the password whatever that is
    std::string password;     // never printed; with `user` empty too, there is no AUTH
    /// It stands alone before the '@' of a URL, and may have been meant for a user.
    bool is_password_alone = false;
    unsigned db = 0;
    bool tls = false;
    SentinelGroup sentinels;  // has nodes: they are asked, and `host` is the name of the master

    ReadFrom read_from = ReadFrom::server;

    [[nodiscard]] bool is_found_by_sentinels() const { return !sentinels.nodes.empty(); }
    [[nodiscard]] bool sentinels_use_tls() const {
        return is_found_by_sentinels() && (sentinels.tls == SentinelTls::on ||
                                           (sentinels.tls == SentinelTls::as_the_server && tls));
    }
    /// Whether there is a certificate to be checked anywhere on the way.
    [[nodiscard]] bool uses_tls() const { return tls || sentinels_use_tls(); }
    /// "10.0.0.5:6379", "[::1]:6379", "/run/redis.sock" or the name that Sentinels know: what
    /// messages call the server.
    [[nodiscard]] std::string name() const;
};

/// Parses redis://[[USER]:PASSWORD@][HOST][:PORT][/DB], rediss://… (TLS) and
/// unix://[[USER]:PASSWORD@]PATH[?db=N]; valkey:// and valkeys:// are the same as redis:// and
/// rediss://. redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/NAME[/DB] names the
/// Sentinels of a master, rediss+sentinel:// the same with TLS to them and to the server; USER and
/// PASSWORD are the server's. USER, PASSWORD, HOST and PATH are percent-decoded, an IPv6 address
/// stands in brackets, with its scope id behind a '%'. As with redis-cli, SECRET@ is a password.
/// HOST:PORT[/DB] is redis://HOST:PORT[/DB]. Throws Error(usage) with a message that never repeats
/// the password.
ServerAddress parse_server_url(std::string_view url);

/// The URL, or what was meant to be one, with "***" in place of its password, and of whatever else
/// in it might be one by mistake: for messages.
std::string redact_url(std::string_view url);

/// The number, or Error(usage) that says what it should have been and calls it `what`. The text is
/// shown if it is all digits and signs: else it may be a password, as behind mysql's -p.
std::uint16_t parse_port(std::string_view text, std::string_view what);
unsigned parse_db(std::string_view text, std::string_view what);

/// "HOST[:PORT],…", where an IPv6 address stands in brackets; likewise.
std::vector<HostPort> parse_sentinels(std::string_view text, std::string_view what);

}  // namespace cachectl
