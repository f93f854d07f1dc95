#include "redis/cluster/node.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "util/interruption.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::steady_clock;

// Of a node that was never there, at least.
constexpr std::chrono::milliseconds k_rest{200};

}  // namespace

ClusterNode::ClusterNode(Loop& loop, HostPort announced_address, ServerAddress address,
                         SessionOptions options)
    : LoopClient(loop),
      announced(std::move(announced_address)),
      m_loop(loop),
      m_address(std::move(address)),
      m_options(std::move(options)) {}

void ClusterNode::adopt(LoggedIn in) {
    // The first that is known of it.
    if (!m_connection) {
        m_known_run_id = in.server.run_id;
        m_known_role = in.server.role;
    }
    m_connection = std::move(in.connection);
    m_server = std::move(in.server);
    m_origin =
        std::make_shared<const ReplyOrigin>(ReplyOrigin{m_connection->number(), m_server.run_id});
    m_failure.reset();
}

void ClusterNode::begin_connect() {
    if (connected() || m_login || Clock::now() < m_rests_until) {
        return;
    }
    m_login_began = Clock::now();
    m_login =
        std::make_unique<Login>(m_loop, m_address, Login::Options{m_options}, [this] { settle(); });
}

void ClusterNode::settle() {
    const std::unique_ptr<Login> login = std::move(m_login);
    try {
        adopt(login->take());
    } catch (const Error& error) {
        if (error.code() == ExitCode::local_io) {
            throw;
        }
        explain(error);
        // Many want it, and each try may take its whole timeout.
        const auto now = Clock::now();
        const Clock::duration least = was_connected() ? Clock::duration(0) : k_rest;
        m_rests_until = now + std::max(least, now - m_login_began);
    }
    on_settled();
}

// The address was announced by the cluster, so a user who never typed it should learn where it is
// from and what helps: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
void ClusterNode::explain(const Error& error) {
    std::string message = error.what();
    std::string hint = error.hint();
    const bool knows_us = dynamic_cast<const LoginRefused*>(&error) != nullptr;
    if (error.code() == ExitCode::unreachable && !was_connected() && !knows_us) {
        const bool mapped = announced.name() != m_address.name() && !announced.host.empty();
        message += mapped ? "; the cluster announces " + announced.name() +
                                ", and --node-map puts this in its place"
                          : "; this is the address that the cluster announces";
        const bool speaks = m_address.tls || dynamic_cast<const ServerAway*>(&error) == nullptr;
        hint = (speaks && !hint.empty() ? hint + "; " : "") +
               (has_replicas ? "if it has died, a replica takes its place soon: try again; " : "") +
               "if it has another one from here: --node-map " + announced.name() +
               "=HOST:PORT, or set cluster-announce-ip and cluster-announce-port on the node";
    }
    m_failure = Error(error.code(), message, hint, error.subject());
}

void ClusterNode::send(std::span<const std::string_view> args, Callback done) {
    if (m_connection) {
        m_connection->send(args, std::move(done));
    } else {
        done(unsent());
    }
}

void ClusterNode::send(std::span<const std::string_view> args,
                       const std::shared_ptr<ReplySink>& sink) {
    if (m_connection) {
        m_connection->send(args, sink);
    } else {
        sink->take(unsent());
    }
}

void ClusterNode::when_answered(std::function<void()> action) {
    if (m_connection) {
        m_connection->when_answered(std::move(action));
    } else {
        action();
    }
}

void ClusterNode::listen(Callback on_line) {
    if (m_connection) {
        m_connection->listen(std::move(on_line));
    }
}

Reply ClusterNode::unsent() const {
    if (m_failure) {
        return unsent_for(*m_failure);
    }
    return connecting() ? Reply::make_unsent("no connection to " + name() + " yet", name())
                        : Reply::make_unsent("not connected");
}

bool ClusterNode::begin_reconnect() {
    begin_connect();
    return connecting();
}

bool ClusterNode::reconnect() {
    begin_connect();
    run_until([this] { return !connecting() || stop_signal() != 0; });
    if (!connected()) {
        if (stop_signal() != 0) {
            throw interruption("interrupted while waiting for " + name());
        }
        throw m_failure ? *m_failure : Error(ExitCode::unreachable, "the connection was lost");
    }
    const std::string run_id = std::exchange(m_known_run_id, m_server.run_id);
    const std::string role = std::exchange(m_known_role, m_server.role);
    return !run_id.empty() && run_id == m_server.run_id && role == m_server.role;
}

}  // namespace cachectl
