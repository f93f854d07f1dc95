#include "redis/sentinel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "util/error.hpp"
#include "util/interruption.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_least_patience{500};  // with one Sentinel of many

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
    return believable_masters(answers(), m_server.sentinels.master_name);
}

std::vector<HostPort> Sentinels::replicas() {
    ask();
    return fit_replicas(answers());
}

std::vector<const SentinelAnswer*> Sentinels::answers() const {
    std::vector<const SentinelAnswer*> answers;
    for (const Asked& asked : m_asked) {
        answers.push_back(&asked.answer);
    }
    return answers;
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
        asked.is_away = dynamic_cast<const ServerAway*>(&error) != nullptr;
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
    send({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", group.master_name}, asked.answer.address);
    send({"SENTINEL", "MASTERS"}, asked.answer.masters);
    send({"SENTINEL", "REPLICAS", group.master_name}, asked.answer.replicas);
}

void Sentinels::check_answers() const {
    const std::string& name = m_server.sentinels.master_name;
    std::string failures;
    std::set<std::string> known;
    bool answered = false;
    bool refused = false;
    bool all_are_away = true;
    for (const Asked& asked : m_asked) {
        if (sentinel_endpoint(asked.answer.address)) {
            return;
        }
        for (const Reply& master : asked.answer.masters.elements) {
            if (const auto other = sentinel_field(master, "name"); !other.empty()) {
                known.emplace(other);
            }
        }
        std::string failure = asked.failure;
        if (failure.empty() && asked.answer.address.is_nil()) {
            answered = true;
            continue;
        }
        refused = refused || refuses_login(asked.login) || refuses_login(asked.answer.address);
        if (failure.empty()) {
            const Reply& worst = asked.login.is_error() ? asked.login : asked.answer.address;
            failure = asked.sentinel.name() + ": " +
                      (worst.is_error() || worst.is_broken() ? worst.text : "it is no Sentinel");
        }
        all_are_away = all_are_away &&
                       (asked.is_away || asked.answer.address.is_lost_by(Loss::Cause::timed_out));
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
    const Error error(
        ExitCode::unreachable,
        fmt::format("cannot find the master '{}': no Sentinel answers: {}", name, failures), hint);
    if (all_are_away) {
        throw ServerAway(error);
    }
    throw Error(error);
}

}  // namespace cachectl
