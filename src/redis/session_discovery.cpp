// The part of redis/session.hpp that finds the server: by its Sentinels, or as a replica of the one
// that was named. Who is given as a master, or as a replica, has to say so itself.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>

#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "redis/session.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A failover begins when the Sentinels have missed the master for down-after-milliseconds, 30 s
// unless they are configured otherwise, and then takes some seconds.
constexpr milliseconds k_failover_patience{60'000};
constexpr milliseconds k_ask_again{500};

struct Replica {
    HostPort address;
    std::int64_t offset = 0;  // in the master's stream
};

std::optional<std::int64_t> number_in(const Reply& reply) {
    if (reply.is_integer()) {
        return reply.integer;
    }
    std::int64_t number = 0;
    const char* const end = reply.text.data() + reply.text.size();
    const auto result = std::from_chars(reply.text.data(), end, number);
    if (result.ec != std::errc{} || result.ptr != end) {
        return std::nullopt;
    }
    return number;
}

/// Of the replies to ROLE (https://redis.io/docs/latest/commands/role/): of a master
/// ["master", offset, [[host, port, offset], …]]. The one that is least behind comes first.
std::vector<Replica> replicas_in(const Reply& role) {
    std::vector<Replica> replicas;
    if (!role.is_array() || role.elements.size() < 3) {
        return replicas;
    }
    for (const Reply& replica : role.elements[2].elements) {
        if (replica.elements.size() != 3) {
            continue;
        }
        const auto port = number_in(replica.elements[1]);
        if (!port || *port < 1 || *port > 65535) {
            continue;
        }
        replicas.push_back({{replica.elements[0].text, static_cast<std::uint16_t>(*port)},
                            number_in(replica.elements[2]).value_or(0)});
    }
    std::stable_sort(replicas.begin(), replicas.end(),
                     [](const Replica& a, const Replica& b) { return a.offset > b.offset; });
    return replicas;
}

/// Of a replica: ["slave", master's host, master's port, state, offset].
bool follows_its_master(const Reply& role) {
    return role.elements.size() < 4 || role.elements[3].text == "connected";
}

}  // namespace

void Session::tell(const std::string& text) const {
    if (m_options.tell) {
        m_options.tell(text);
    }
}

void Session::connect(Patience patience) {
    if (m_sentinels) {
        connect_by_sentinels(patience);
    } else {
        connect_to_address();
        if (m_target.read_from == ReadFrom::replica) {
            connect_to_replica();
        }
    }
}

void Session::connect_by_sentinels(Patience patience) {
    const bool to_replica = m_target.read_from == ReadFrom::replica;
    const auto wait =
        patience == Patience::failover ? k_failover_patience : m_options.connect_timeout;
    const auto begin = Clock::now();
    while (true) {
        std::exception_ptr failure;
        try {
            const auto found = to_replica ? m_sentinels->replicas() : m_sentinels->masters();
            for (const HostPort& address : found) {
                failure = try_address(address, to_replica ? "replica" : "master");
                if (failure) {
                    continue;
                }
                if (to_replica) {
                    tell_lag(std::nullopt);
                } else {
                    tell(fmt::format("the master of {} is {}", m_target.name(), m_address.name()));
                }
                return;
            }
            if (found.empty()) {
                failure = std::make_exception_ptr(
                    Error(ExitCode::unreachable,
                          fmt::format("the Sentinels know no replica of {} that is fit to be "
                                      "read from",
                                      m_target.name())));
            }
        } catch (const LoginRefused&) {
            throw;
        } catch (const Error& error) {
            // Where nothing has been asked of the server yet, nobody waits for the Sentinels.
            if (error.code() != ExitCode::unreachable || patience == Patience::none) {
                throw;
            }
            failure = std::current_exception();
        }
        if (Clock::now() - begin >= wait) {
            std::rethrow_exception(failure);
        }
        pause(k_ask_again);
    }
}

/// Returns the Error that says why the address is not the server that is looked for, if it is not.
/// Throws what makes another one no better.
std::exception_ptr Session::try_address(const HostPort& found, std::string_view role) {
    m_address = m_target;
    m_address.sentinels = {};
    m_address.socket_path.clear();
    m_address.host = found.host;
    m_address.port = found.port;
    try {
        connect_to_address();
    } catch (const LoginRefused&) {
        throw;
    } catch (const Error& error) {
        m_connection.reset();
        if (error.code() != ExitCode::unreachable) {
            throw;
        }
        const Error told(error.code(),
                         fmt::format("{}, given as {} of {}: {}", found.name(),
                                     role == "master" ? "the master" : "a replica", m_target.name(),
                                     error.what()),
                         error.hint());
        const bool is_away = dynamic_cast<const ServerAway*>(&error) != nullptr;
        return is_away ? std::make_exception_ptr(ServerAway(told)) : std::make_exception_ptr(told);
    }
    if (m_server.role.empty() || m_server.role == role) {
        return nullptr;
    }
    m_connection.reset();
    return std::make_exception_ptr(
        Error(ExitCode::unreachable,
              fmt::format("{} is given as {} of {}, but says that it is a {}", found.name(),
                          role == "master" ? "the master" : "a replica", m_target.name(),
                          m_server.role)));
}

std::optional<std::string> Session::successor() {
    if (!m_sentinels || m_target.read_from == ReadFrom::replica) {
        return std::nullopt;
    }
    for (const HostPort& named : m_sentinels->masters()) {
        if (named == HostPort{m_address.host, m_address.port}) {
            return std::nullopt;
        }
        ServerAddress address = m_address;
        address.host = named.host;
        address.port = named.port;
        try {
            const Session other(m_loop, address, m_options);
            if (other.server().role == "master") {
                return named.name();
            }
        } catch (const Error& error) {
            if (error.code() != ExitCode::unreachable) {
                throw;
            }
        }
    }
    return std::nullopt;
}

void Session::connect_to_replica() {
    if (m_server.role == "replica") {
        tell_lag(std::nullopt);
        return;
    }
    if (!m_role.is_array()) {
        throw refusal(m_role, "find a replica", m_server);
    }
    const std::string master = m_address.name();
    const auto offset = m_role.elements.size() > 1 ? number_in(m_role.elements[1]) : std::nullopt;
    std::exception_ptr failure = std::make_exception_ptr(
        Error(ExitCode::unreachable, master + " has no replica that is connected to it",
              "without --read-from replica, it is asked itself"));
    for (const Replica& replica : replicas_in(m_role)) {
        if (auto reason = try_address(replica.address, "replica")) {
            failure = std::move(reason);
        } else if (!follows_its_master(m_role)) {
            failure = std::make_exception_ptr(
                Error(ExitCode::unreachable,
                      fmt::format("{} is not connected to its master", replica.address.name())));
        } else {
            const auto here = m_role.elements.size() > 4 ? number_in(m_role.elements[4])
                                                         : std::optional<std::int64_t>();
            tell_lag(offset && here ? std::optional(std::max<std::int64_t>(0, *offset - *here))
                                    : std::nullopt);
            return;
        }
    }
    std::rethrow_exception(failure);
}

/// How old is what the replica shows: `behind` is in bytes of the master's stream.
void Session::tell_lag(std::optional<std::int64_t> behind) {
    const InfoFields& info = m_server.info;
    if (info.text("master_link_status") == "down") {
        const auto seconds = info.integer("master_link_down_since_seconds").value_or(-1);
        m_warnings.push_back(
            fmt::format("{} is a replica that has lost its master{}: what it shows is that old",
                        m_address.name(), seconds < 0 ? "" : fmt::format(" {} s ago", seconds)));
        return;
    }
    std::string text = "reading from the replica " + m_address.name();
    if (behind) {
        text += fmt::format(", {} bytes behind its master", *behind);
    }
    if (const auto seconds = info.integer("master_last_io_seconds_ago")) {
        text += fmt::format(", which heard of {} {} s ago", behind ? "it" : "its master", *seconds);
    }
    tell(text);
}

}  // namespace cachectl
