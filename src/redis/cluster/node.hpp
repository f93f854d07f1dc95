// One master of a cluster: a connection that is made when it is needed, and the reason while it
// cannot be had.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "redis/client.hpp"
#include "redis/cluster/address.hpp"
#include "redis/session.hpp"
#include "util/error.hpp"

namespace cachectl {

class ClusterNode final : public Client {
public:
    /// `address` is where it is reached from here, and how to log in there.
    ClusterNode(Loop& loop, HostPort announced, ServerAddress address, SessionOptions options);

    std::string id;             // empty while it is not known
    HostPort announced;         // as the cluster knows it
    bool has_replicas = false;  // that the cluster tells of

    [[nodiscard]] const ServerAddress& address() const { return m_address; }
    /// "10.0.0.5:6379": how messages call it.
    [[nodiscard]] std::string name() const { return m_address.name(); }

    [[nodiscard]] bool connected() const { return m_session && m_session->connected(); }
    /// It has answered in this run, so that waiting for it, or for its successor, makes sense.
    [[nodiscard]] bool was_connected() const { return m_session != nullptr; }
    /// Takes over a connection that is there already.
    void adopt(std::unique_ptr<Session> session) { m_session = std::move(session); }
    /// Tries once to connect, unless it is connected. False, with the reason in failure(), if it
    /// cannot; also for as long again as a try that failed has taken. Not from within a reply.
    /// Throws Error(local_io): the loop runs meanwhile, and what others do in it may fail.
    bool connect();
    /// connect() runs the loop, from which others may want the node as well: they have to wait.
    [[nodiscard]] bool connecting() const { return m_connecting; }
    [[nodiscard]] const std::optional<Error>& failure() const { return m_failure; }

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void when_answered(std::function<void()> action) override;
    [[nodiscard]] std::size_t pending() const override {
        return m_session ? m_session->pending() : 0;
    }
    void after(std::chrono::microseconds delay, std::function<void()> action) override;
    void run_until(const std::function<bool()>& finished) override;
    bool reconnect() override;
    /// Empty fields if it has never been connected.
    [[nodiscard]] const ServerInfo& server() const override {
        return m_session ? m_session->server() : m_unknown;
    }
    [[nodiscard]] std::vector<ServerNode> nodes() override { return {{name(), this}}; }

private:
    void explain(const Error& error);
    [[nodiscard]] Reply unsent() const;

    Loop& m_loop;
    ServerAddress m_address;
    SessionOptions m_options;
    std::unique_ptr<Session> m_session;
    std::optional<Error> m_failure;
    bool m_connecting = false;
    SteadyTime m_rests_until{};
    ServerInfo m_unknown;
};

}  // namespace cachectl
