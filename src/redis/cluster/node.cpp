#include "redis/cluster/node.hpp"

#include <algorithm>

#include "redis/error_reply.hpp"
#include "util/scoped_flag.hpp"

namespace cachectl {

namespace {

using Clock = std::chrono::steady_clock;

// Of a node that was never there, at least.
constexpr std::chrono::milliseconds k_rest{200};

}  // namespace

ClusterNode::ClusterNode(Loop& loop, HostPort announced_address, ServerAddress address,
                         SessionOptions options)
    : announced(std::move(announced_address)),
      m_loop(loop),
      m_address(std::move(address)),
      m_options(std::move(options)) {}

bool ClusterNode::connect() {
    if (connected()) return true;
    if (m_connecting || Clock::now() < m_rests_until) return false;
    const ScopedFlag connecting(m_connecting);
    const auto begin = Clock::now();
    try {
        m_session = std::make_unique<Session>(m_loop, m_address, m_options);
        m_failure.reset();
    } catch (const Error& error) {
        if (error.code() == ExitCode::local_io) throw;  // ours, maybe of another node's reply
        explain(error);
        // Many want it, and each try may take its whole timeout.
        const auto now = Clock::now();
        const Clock::duration least = was_connected() ? Clock::duration(0) : k_rest;
        m_rests_until = now + std::max(least, now - begin);
    }
    return connected();
}

// The address is the cluster's word, so a user who never typed it should learn where it is from
// and what helps: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/
void ClusterNode::explain(const Error& error) {
    std::string message = error.what();
    std::string hint = error.hint();
    const bool knows_us = dynamic_cast<const LoginRefused*>(&error) != nullptr;
    if (error.code() == ExitCode::unreachable && !was_connected() && !knows_us) {
        const bool mapped = announced.name() != m_address.name() && !announced.host.empty();
        message += mapped ? "; the cluster announces " + announced.name() +
                                ", and --node-map puts this in its place"
                          : "; this is the address that the cluster announces";
        const bool speaks = m_address.tls || !message.starts_with("cannot connect");
        hint = (speaks && !hint.empty() ? hint + "; " : "") +
               (has_replicas ? "if it has died, a replica takes its place soon: try again; " : "") +
               "if it has another one from here: --node-map " + announced.name() +
               "=HOST:PORT, or set cluster-announce-ip and cluster-announce-port on the node";
    }
    m_failure = Error(error.code(), message, hint);
}

void ClusterNode::send(std::span<const std::string_view> args, Callback done) {
    if (m_session) {
        m_session->send(args, std::move(done));
    } else {
        done(unsent());
    }
}

void ClusterNode::send(std::span<const std::string_view> args,
                       const std::shared_ptr<ReplySink>& sink) {
    if (m_session) {
        m_session->send(args, sink);
    } else {
        sink->take(unsent());
    }
}

void ClusterNode::when_answered(std::function<void()> action) {
    if (m_session) {
        m_session->when_answered(std::move(action));
    } else {
        action();
    }
}

Reply ClusterNode::unsent() const {
    Reply reply;
    reply.type = Reply::Type::unsent;
    reply.text = m_failure ? m_failure->what() : "not connected";
    if (m_failure && !m_failure->hint().empty()) reply.text += "; " + m_failure->hint();
    return reply;
}

void ClusterNode::after(std::chrono::microseconds delay, std::function<void()> action) {
    m_loop.after(delay, std::move(action));
}

void ClusterNode::run_until(const std::function<bool()>& finished) { m_loop.run_until(finished); }

bool ClusterNode::reconnect() {
    const std::string run_id = server().run_id;
    const std::string role = server().role;
    if (!connect()) {
        throw m_failure ? *m_failure : Error(ExitCode::unreachable, "the connection was lost");
    }
    return !run_id.empty() && run_id == server().run_id && role == server().role;
}

}  // namespace cachectl
