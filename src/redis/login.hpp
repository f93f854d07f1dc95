// Connecting to one server, logging in and asking what it is, all in the loop: what passes by
// itself (a script that holds the server, loading, too many clients) is waited out.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/connect.hpp"
#include "redis/connection.hpp"
#include "redis/info.hpp"
#include "redis/tls.hpp"
#include "redis/uri.hpp"
#include "util/lifetime.hpp"

namespace cachectl {

struct SessionOptions {
    std::chrono::milliseconds connect_timeout{5'000};  // connect, and each reply of the login
    std::chrono::milliseconds reply_timeout{10'000};
    std::chrono::milliseconds wait{0};      // for a server that is loading its dataset
    std::shared_ptr<const TlsContext> tls;  // of all connections; none where none asks for TLS
    /// What the user may want to know on the way: who is the master now, how old a replica's data
    /// are. Empty: nobody listens.
    std::function<void(const std::string&)> tell;
};

/// A connection, and what the server at its other end said of itself.
struct LoggedIn {
    std::unique_ptr<Connection> connection;
    ServerInfo server;
    Reply role;                         // to ROLE, where it was asked
    std::vector<std::string> warnings;  // what the user should know although it went through
    std::chrono::milliseconds took{0};  // without what was waited out
};

/// The replies to what is asked on arrival.
struct LoginReplies {
    Reply auth, hello, select, role, info;
};

/// Throws Error for a login that did not go through: Error(unreachable) for what stands between us
/// and a Redis server that talks to us, Error(refused) for one that does but is not ready.
void check_login(const ServerAddress& address, const LoginReplies& login, const ServerInfo& server);

class Login {
public:
    struct Options {
        SessionOptions session;
        bool ask_role = false;
        bool without_hello = false;  // it is known as a proxy that hangs up at HELLO
    };

    /// `on_end` is called from a timer of the loop and may destroy this; to destroy it before is
    /// to give up.
    Login(Loop& loop, ServerAddress address, Options options, std::function<void()> on_end = {});
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;

    [[nodiscard]] bool ended() const { return m_ended; }
    /// Runs the loop until the end. Throws Error(interrupted) on a signal.
    void wait();
    /// After the end. Throws as check_login() does, or what stood in the way of the connection.
    [[nodiscard]] LoggedIn take();

private:
    /// A login without HELLO, which went through.
    struct Plain {
        std::unique_ptr<Connection> connection;
        LoginReplies replies;
    };

    void connect();
    void log_in();
    void authenticate();
    void ask(std::initializer_list<std::string_view> args, Reply& into);
    void judge();
    [[nodiscard]] bool is_hung_up_at_hello() const;
    [[nodiscard]] bool tries_again();
    void take_as_proxy();
    void finish();
    [[nodiscard]] bool waits_out();
    void retry_after(std::chrono::milliseconds delay);
    void fail(std::exception_ptr why);
    void end();

    Loop& m_loop;
    ServerAddress m_address;
    Options m_options;
    std::function<void()> m_on_end;
    SteadyTime m_begin;      // of the first try
    SteadyTime m_try_began;  // the latest
    std::chrono::milliseconds m_delay;
    int m_times_full = 0;  // that the server had no room for another client
    std::unique_ptr<StreamConnect> m_stream;
    std::unique_ptr<Connection> m_connection;
    std::size_t m_unanswered = 0;
    SteadyTime m_asked, m_answered;
    LoginReplies m_replies;
    Reply m_ignored;
    std::optional<LoginReplies> m_hung_up;  // while it is tried without HELLO: to what it hung up
    std::optional<Plain> m_plain;           // while it is tried with HELLO once more
    LoggedIn m_result;
    std::exception_ptr m_failure;
    bool m_ended = false;
    Lifetime m_lifetime;
};

/// Some longer, by chance, so that many who wait do not come back at once.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds delay);

}  // namespace cachectl
