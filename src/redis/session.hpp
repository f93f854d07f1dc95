// The real Client: one server, logged in, identified, and connected again when it must be. Where
// Sentinels know the server, it is whoever is the master, also after a failover.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/connection.hpp"
#include "redis/info.hpp"
#include "redis/login.hpp"
#include "redis/sentinel.hpp"
#include "util/error.hpp"

namespace cachectl {

class Session final : public LoopClient {
public:
    /// Connects and logs in. Throws as check_login() does, or what stood in the way.
    Session(Loop& loop, ServerAddress target, SessionOptions options);
    ~Session() override;

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void send_in_place(std::span<const std::string_view> args, Callback done) override;
    void copy_in_place() override;
    void when_answered(std::function<void()> action) override;
    void listen(Callback on_line) override;
    [[nodiscard]] std::size_t pending() const override {
        return m_connection ? m_connection->pending() : 0;
    }
    bool reconnect() override;
    [[nodiscard]] std::optional<std::string> successor() override;
    [[nodiscard]] ReplyOrigin origin() const override {
        return {m_connection ? m_connection->number() : 0, m_server.run_id};
    }
    [[nodiscard]] const ServerInfo& server() const override { return m_server; }

    /// False once the connection has failed, until reconnect().
    [[nodiscard]] bool connected() const { return m_connection && m_connection->failure().empty(); }

    /// What the user should know of the login although it went through.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return m_warnings; }

    /// Of the latest login, without what was waited out.
    [[nodiscard]] std::chrono::milliseconds login_time() const { return m_took; }

    /// Gives the connection away, with what is known of the server.
    [[nodiscard]] LoggedIn release();

private:
    enum class Patience { none, failover };

    void connect(Patience patience);
    void connect_by_sentinels(Patience patience);
    void connect_to_replica();
    std::exception_ptr try_address(const HostPort& found, std::string_view role);
    void connect_to_address();
    void tell(const std::string& text) const;
    void tell_lag(std::optional<std::int64_t> behind);
    [[nodiscard]] Callback watch_role(Callback done);
    [[nodiscard]] Reply unsent() const;
    void pause(std::chrono::milliseconds delay);

    Loop& m_loop;
    ServerAddress m_target;   // that was named
    ServerAddress m_address;  // where the connection goes; the same, unless it had to be found
    SessionOptions m_options;
    std::unique_ptr<Connection> m_connection;  // none after a reconnect() that failed
    std::unique_ptr<Sentinels> m_sentinels;    // if the target is found by them
    Reply m_role;                              // the reply to ROLE, where it was asked
    bool m_demoted = false;                    // the master turned out to be a replica by now
    std::chrono::milliseconds m_took{0};
    ServerInfo m_server;
    std::vector<std::string> m_warnings;
};

}  // namespace cachectl
