// The real Client: one server, logged in, identified, and connected again when it must be. Where
// Sentinels know the server, it is whoever is the master, also after a failover.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/connection.hpp"
#include "redis/in_place.hpp"
#include "redis/info.hpp"
#include "redis/sentinel.hpp"
#include "redis/tls.hpp"
#include "util/error.hpp"

namespace cachectl {

struct SessionOptions {
    std::chrono::milliseconds connect_timeout{5'000};  // connect, and each reply of the login
    std::chrono::milliseconds reply_timeout{10'000};
    std::chrono::milliseconds wait{0};  // for a server that is loading its dataset
    TlsOptions tls;                     // for an address that asks for TLS
    /// What the user may want to know on the way: who is the master now, how old a replica's data
    /// are. Empty: nobody listens.
    std::function<void(const std::string&)> tell;
};

class Session final : public Client, public InPlaceClient {
public:
    /// Connects and logs in. Throws Error(unreachable) for what stands between us and a Redis
    /// server that talks to us, Error(refused) for one that does but is not ready, Error(usage)
    /// for a certificate or key of ours that cannot be used.
    Session(Loop& loop, ServerAddress target, SessionOptions options);
    ~Session() override;

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void send_in_place(std::span<const std::string_view> args, Callback done) override;
    void copy_in_place() override;
    void when_answered(std::function<void()> action) override;
    [[nodiscard]] std::size_t pending() const override {
        return m_connection ? m_connection->pending() : 0;
    }
    void after(std::chrono::microseconds delay, std::function<void()> action) override;
    void run_until(const std::function<bool()>& finished) override;
    bool reconnect() override;
    [[nodiscard]] std::optional<std::string> successor() override;
    [[nodiscard]] const ServerInfo& server() const override { return m_server; }

    /// False once the connection has failed, until reconnect().
    [[nodiscard]] bool connected() const { return m_connection && m_connection->failure().empty(); }

    /// What the user should know of the login although it went through.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return m_warnings; }

private:
    struct Login {
        Reply auth, hello, select, role, info;
    };
    enum class Patience { none, failover };

    void connect(Patience patience);
    void connect_by_sentinels(Patience patience);
    void connect_to_replica();
    std::optional<Error> try_address(const HostPort& found, std::string_view role);
    void connect_to_address();
    void tell(const std::string& text) const;
    void tell_lag(std::optional<std::int64_t> behind);
    [[nodiscard]] Callback watch_role(Callback done);
    [[nodiscard]] Reply unsent() const;
    [[nodiscard]] std::unique_ptr<Connection> open_connection() const;
    Login log_in();
    Login log_in_without_hello();
    bool try_without_hello(Login& login);
    void wait_for(const std::size_t& left);
    void authenticate(Login& login, std::size_t& left);
    void ask(std::initializer_list<std::string_view> args, Reply& into, std::size_t& left);
    void check_login(const Login& login) const;
    void pause(std::chrono::milliseconds delay);
    [[noreturn]] void throw_interrupted() const;

    Loop& m_loop;
    ServerAddress m_target;   // that was named
    ServerAddress m_address;  // where the connection goes; the same, unless it had to be found
    SessionOptions m_options;
    std::unique_ptr<const TlsContext> m_tls;   // if the address asks for it
    std::unique_ptr<Connection> m_connection;  // none after a reconnect() that failed
    std::unique_ptr<Sentinels> m_sentinels;    // if the target is found by them
    Reply m_role;                              // the reply to ROLE, where it was asked
    bool m_demoted = false;                    // the master turned out to be a replica by now
    bool m_without_hello = false;              // it is a proxy that hangs up at HELLO
    ServerInfo m_server;
    std::vector<std::string> m_warnings;
};

}  // namespace cachectl
