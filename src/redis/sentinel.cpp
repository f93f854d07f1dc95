#include "redis/sentinel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "redis/error_reply.hpp"
#include "util/error.hpp"
#include "util/interruption.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_least_patience{500};  // with one Sentinel of many

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<HostPort> make_endpoint(std::string_view host, std::string_view port) {
    const auto number = number_in(port);
    if (host.empty() || !number || *number < 1 || *number > 65535) {
        return std::nullopt;
    }
    return HostPort{std::string(host), static_cast<std::uint16_t>(*number)};
}

/// A field of what Sentinels say of a server: names and values in turn.
std::string_view field(const Reply& server, std::string_view name) {
    for (std::size_t i = 0; i + 1 < server.elements.size(); i += 2) {
        if (server.elements[i].text == name) {
            return server.elements[i + 1].text;
        }
    }
    return {};
}

const Reply* find_master(const Reply& masters, std::string_view name) {
    const auto found = std::find_if(masters.elements.begin(), masters.elements.end(),
                                    [&](const Reply& one) { return field(one, "name") == name; });
    return found == masters.elements.end() ? nullptr : &*found;
}

std::optional<HostPort> endpoint_of(const Reply& address) {
    if (!address.is_array() || address.elements.size() != 2) {
        return std::nullopt;
    }
    return make_endpoint(address.elements[0].text, address.elements[1].text);
}

bool is_fit(const Reply& replica) {
    const std::string_view flags = field(replica, "flags");
    const auto has = [&](std::string_view flag) { return flags.find(flag) != flags.npos; };
    return !has("s_down") && !has("o_down") && !has("disconnected") &&
           field(replica, "master-link-status") == "ok";
}

bool refuses_login(const Reply& reply) {
    const std::string_view prefix = reply.error_prefix();
    return prefix == "NOAUTH" || prefix == "WRONGPASS" || prefix == "NOPERM" ||
           says_no_password_is_set(reply);
}

}  // namespace

Sentinels::Sentinels(Loop& loop, ServerAddress server, milliseconds timeout, const TlsContext* tls)
    : m_loop(loop), m_server(std::move(server)), m_timeout(timeout), m_tls(tls) {}

Sentinels::~Sentinels() = default;

std::vector<HostPort> Sentinels::masters() {
    ask();
    struct Claim {
        HostPort address;
        std::int64_t epoch = 0;  // of the failover that made it master: newer ones are higher
        int voices = 0;
    };
    std::vector<Claim> claims;
    for (const Asked& asked : m_asked) {
        const auto address = endpoint_of(asked.address);
        if (!address) {
            continue;
        }
        auto claim = std::find_if(claims.begin(), claims.end(),
                                  [&](const Claim& other) { return other.address == *address; });
        if (claim == claims.end()) {
            claim = claims.insert(claim, {*address});
        }
        ++claim->voices;
        if (const Reply* master = find_master(asked.masters, m_server.sentinels.master_name)) {
            claim->epoch =
                std::max(claim->epoch, number_in(field(*master, "config-epoch")).value_or(0));
        }
    }
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
        return a.epoch != b.epoch ? a.epoch > b.epoch : a.voices > b.voices;
    });
    std::vector<HostPort> addresses;
    for (Claim& claim : claims) {
        addresses.push_back(std::move(claim.address));
    }
    return addresses;
}

std::vector<HostPort> Sentinels::replicas() {
    ask();
    std::vector<std::pair<std::int64_t, HostPort>> fit;  // by how much of the stream they have
    for (const Asked& asked : m_asked) {
        for (const Reply& replica : asked.replicas.elements) {
            const auto address = make_endpoint(field(replica, "ip"), field(replica, "port"));
            const bool known = std::any_of(fit.begin(), fit.end(), [&](const auto& other) {
                return address && other.second == *address;
            });
            if (!address || known || !is_fit(replica)) {
                continue;
            }
            fit.emplace_back(number_in(field(replica, "slave-repl-offset")).value_or(0), *address);
        }
    }
    std::stable_sort(fit.begin(), fit.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<HostPort> addresses;
    for (auto& replica : fit) {
        addresses.push_back(std::move(replica.second));
    }
    return addresses;
}

/// All of them at once.
void Sentinels::ask() {
    m_asked.clear();
    for (const HostPort& node : m_server.sentinels.nodes) {
        m_asked.emplace_back().sentinel = node;
    }
    for (Asked& asked : m_asked) {
        connect(asked);
    }
    const auto done = [](const Asked& asked) {
        return !asked.stream && (!asked.connection || asked.connection->pending() == 0);
    };
    m_loop.run_until(
        [&] { return stop_signal() != 0 || std::all_of(m_asked.begin(), m_asked.end(), done); });
    for (Asked& asked : m_asked) {  // the callbacks of both point to it
        asked.stream.reset();
        asked.connection.reset();
    }
    if (stop_signal() != 0) {
        throw interruption("interrupted while waiting for the Sentinels of " + m_server.name());
    }
    check_answers();
}

milliseconds Sentinels::share() const {
    const auto count = static_cast<milliseconds::rep>(m_server.sentinels.nodes.size());
    return std::min(m_timeout, std::max(k_least_patience, m_timeout / count));
}

void Sentinels::connect(Asked& asked) {
    ServerAddress address;
    address.host = asked.sentinel.host;
    address.port = asked.sentinel.port;
    address.tls = m_server.sentinels_use_tls();
    asked.stream = std::make_unique<StreamConnect>(m_loop, address, share(), m_tls,
                                                   [this, &asked] { send_questions(asked); });
}

void Sentinels::send_questions(Asked& asked) {
    const std::unique_ptr<StreamConnect> stream = std::move(asked.stream);
    try {
        asked.connection = std::make_unique<Connection>(m_loop, stream->take(), share());
    } catch (const Error& error) {
        if (error.code() != ExitCode::unreachable) {
            throw;
        }
        asked.failure = error.what();
        return;
    }
    const auto send = [&](std::initializer_list<std::string_view> args, Reply& into) {
        asked.connection->send(std::span(args.begin(), args.size()),
                               [&into](Reply reply) { into = std::move(reply); });
    };
    const SentinelGroup& group = m_server.sentinels;
    if (!group.user.empty()) {
        send({"AUTH", group.user, group.password}, asked.login);
    } else if (!group.password.empty()) {
        send({"AUTH", group.password}, asked.login);
    }
    send({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", group.master_name}, asked.address);
    send({"SENTINEL", "MASTERS"}, asked.masters);
    send({"SENTINEL", "REPLICAS", group.master_name}, asked.replicas);
}

void Sentinels::check_answers() const {
    const std::string& name = m_server.sentinels.master_name;
    std::string failures;
    std::set<std::string> known;
    bool answered = false;
    bool refused = false;
    for (const Asked& asked : m_asked) {
        if (endpoint_of(asked.address)) {
            return;
        }
        for (const Reply& master : asked.masters.elements) {
            if (const auto other = field(master, "name"); !other.empty()) {
                known.emplace(other);
            }
        }
        std::string failure = asked.failure;
        if (failure.empty() && asked.address.is_nil()) {
            answered = true;
            continue;
        }
        refused = refused || refuses_login(asked.login) || refuses_login(asked.address);
        if (failure.empty()) {
            const Reply& worst = asked.login.is_error() ? asked.login : asked.address;
            failure = asked.sentinel.name() + ": " +
                      (worst.is_error() || worst.is_broken() ? worst.text : "it is no Sentinel");
        }
        failures += (failures.empty() ? "" : "; ") + failure;
    }
    if (answered) {
        throw Error(ExitCode::usage, fmt::format("the Sentinels know no master '{}'", name),
                    known.empty() ? "they know none at all"
                                  : fmt::format("they know: {}", fmt::join(known, ", ")));
    }
    std::string hint;
    if (refused) {
        hint =
            "the Sentinels' own password: --sentinel-password-file or CACHECTL_SENTINEL_PASSWORD, "
            "and --sentinel-user";
    } else if (m_server.uses_tls() || failures.find("TLS") != std::string::npos) {
        hint = m_server.sentinels_use_tls() ? "Sentinels that speak without TLS: --sentinel-tls off"
                                            : "Sentinels that want TLS: --sentinel-tls on";
    }
    throw Error(ExitCode::unreachable,
                fmt::format("cannot find the master '{}': no Sentinel answers: {}", name, failures),
                hint);
}

}  // namespace cachectl
