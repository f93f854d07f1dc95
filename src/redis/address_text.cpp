// The part of redis/uri.hpp for an address's parts that are given by themselves, by options and
// variables, and for how messages call an address.
#include <fmt/format.h>

#include <limits>

#include "redis/uri.hpp"
#include "redis/url_text.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

[[noreturn]] void fail_as_no_number(std::string_view text, std::string_view what,
                                    std::string_view wanted) {
    const bool is_shown = text.find_first_not_of("0123456789+-. ") == text.npos;
    const std::string value = is_shown ? fmt::format("'{}'", text) : "the value";
    std::string hint = is_shown ? "" : "it is not shown here, for it may be a password";
    // What Kubernetes and Docker put into the environment for a service called "redis".
    if (text.starts_with("tcp://")) {
        hint = "Kubernetes sets such a URL for a service named redis: give -p PORT, or unset it";
    }
    throw Error(ExitCode::usage, fmt::format("{}: {} is not a {}", what, value, wanted), hint);
}

}  // namespace

std::string HostPort::name() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string ServerAddress::name() const {
    if (is_found_by_sentinels()) {
        return sentinels.master_name;
    }
    return socket_path.empty() ? HostPort{host, port}.name() : socket_path;
}

std::uint16_t parse_port(std::string_view text, std::string_view what) {
    const auto port = parse_number(text, 65535);
    if (!port || *port == 0) {
        fail_as_no_number(text, what, "port, a number from 1 to 65535");
    }
    return static_cast<std::uint16_t>(*port);
}

std::vector<HostPort> parse_sentinels(std::string_view text, std::string_view what) {
    // A login would be taken for the server's.
    const bool has_login = text.find('@') != text.npos;
    try {
        if (!has_login) {
            return parse_server_url(fmt::format("redis+sentinel://{}/x", text)).sentinels.nodes;
        }
    } catch (const Error&) {
        // said below
    }
    throw Error(
        ExitCode::usage, fmt::format("{}: the value is not HOST:PORT[,HOST:PORT...]", what),
        has_login ? "--sentinel-user and --sentinel-password-file log in to the Sentinels" : "");
}

unsigned parse_db(std::string_view text, std::string_view what) {
    const auto db = parse_number(text, std::numeric_limits<int>::max());
    if (!db) {
        fail_as_no_number(text, what, "database, a number from 0 on");
    }
    return static_cast<unsigned>(*db);
}

}  // namespace cachectl
