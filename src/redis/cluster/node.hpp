// One master of a cluster: a connection that is made when it is needed, and the reason while it
// cannot be had.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "redis/client.hpp"
#include "redis/cluster/address.hpp"
#include "redis/login.hpp"
#include "util/error.hpp"

namespace cachectl {

class ClusterNode final : public LoopClient {
public:
    /// `address` is where it is reached from here, and how to log in there.
    ClusterNode(Loop& loop, HostPort announced, ServerAddress address, SessionOptions options);

    std::string id;             // empty while it is not known
    HostPort announced;         // as the cluster knows it
    bool has_replicas = false;  // that the cluster tells of

    /// Called from a timer when a begin_connect() has ended, well or not. To be set before one
    /// begins.
    std::function<void()> on_settled;

    [[nodiscard]] const ServerAddress& address() const { return m_address; }
    /// "10.0.0.5:6379": how messages call it.
    [[nodiscard]] std::string name() const { return m_address.name(); }

    [[nodiscard]] bool connected() const { return m_connection && m_connection->failure().empty(); }
    /// It has answered in this run, so that waiting for it, or for its successor, makes sense.
    [[nodiscard]] bool was_connected() const { return m_connection != nullptr; }
    /// Takes over a connection that is there already.
    void adopt(LoggedIn in);
    /// Tries once to connect, unless it is connected, or has just tried in vain: for as long again
    /// as that has taken.
    void begin_connect();
    [[nodiscard]] bool connecting() const override { return m_login != nullptr; }
    /// Why the latest try was in vain; nothing after one that was not.
    [[nodiscard]] const std::optional<Error>& failure() const { return m_failure; }

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void when_answered(std::function<void()> action) override;
    void listen(Callback on_line) override;
    [[nodiscard]] std::size_t pending() const override {
        return m_connection ? m_connection->pending() : 0;
    }
    bool reconnect() override;
    bool begin_reconnect() override;
    [[nodiscard]] ReplyOrigin origin() const override {
        return m_origin ? *m_origin : ReplyOrigin();
    }
    /// The same, shared by all replies of a connection.
    [[nodiscard]] const std::shared_ptr<const ReplyOrigin>& shared_origin() const {
        return m_origin;
    }
    /// Empty fields if it has never been connected.
    [[nodiscard]] const ServerInfo& server() const override { return m_server; }
    [[nodiscard]] std::vector<ServerNode> nodes() override { return {{name(), this}}; }

private:
    void settle();
    void explain(const Error& error);
    [[nodiscard]] Reply unsent() const;

    Loop& m_loop;
    ServerAddress m_address;
    SessionOptions m_options;
    std::unique_ptr<Connection> m_connection;
    ServerInfo m_server;
    std::shared_ptr<const ReplyOrigin> m_origin;  // of what comes over m_connection
    std::unique_ptr<Login> m_login;               // while it is being connected to
    SteadyTime m_login_began;
    std::optional<Error> m_failure;
    SteadyTime m_rests_until{};
    std::string m_known_run_id, m_known_role;  // at the latest reconnect()
};

}  // namespace cachectl
