#include "redis/login.hpp"

#include <random>

#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "util/interruption.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_busy_patience{5'000};
constexpr milliseconds k_first_delay{100};
constexpr milliseconds k_longest_delay{1'000};
constexpr int k_max_clients_tries = 3;

}  // namespace

milliseconds with_jitter(milliseconds delay) {
    static std::minstd_rand random(std::random_device{}());
    return delay + milliseconds(std::uniform_int_distribution<int>(
                       0, static_cast<int>(delay.count() / 2))(random));
}

Login::Login(Loop& loop, ServerAddress address, Options options, std::function<void()> on_end)
    : m_loop(loop),
      m_address(std::move(address)),
      m_options(std::move(options)),
      m_on_end(std::move(on_end)),
      m_begin(Clock::now()),
      m_delay(k_first_delay) {
    connect();
}

void Login::wait() {
    m_loop.run_until([this] { return m_ended || stop_signal() != 0; });
    if (m_ended) {
        return;
    }
    throw interruption(m_stream ? "interrupted while connecting; nothing was sent"
                                : "interrupted while waiting for " + m_address.name());
}

LoggedIn Login::take() {
    if (m_failure) {
        std::rethrow_exception(m_failure);
    }
    return std::move(m_result);
}

/// Each try is a login from the start, because which of its commands were refused differs.
void Login::connect() {
    m_connection.reset();
    m_try_began = Clock::now();
    m_stream = std::make_unique<StreamConnect>(m_loop, m_address, m_options.session.connect_timeout,
                                               m_options.session.tls.get(), [this] { log_in(); });
}

/// One round trip. HELLO, AUTH, SELECT and INFO are answered even while loading; PING is not.
void Login::log_in() {
    const std::unique_ptr<StreamConnect> stream = std::move(m_stream);
    m_replies = {};
    try {
        m_connection =
            std::make_unique<Connection>(m_loop, stream->take(), m_options.session.connect_timeout);
    } catch (const Error& error) {
        if (m_hung_up && error.code() == ExitCode::unreachable) {
            judge();
        } else {
            fail(std::current_exception());
        }
        return;
    }
    const std::string db = std::to_string(m_address.db);
    const bool plain = m_options.without_hello || m_hung_up;
    m_asked = Clock::now();
    authenticate();
    if (plain) {
        // Only what every proxy knows: the answer to PING stands for that to HELLO.
        if (m_address.db != 0) {
            ask({"SELECT", db}, m_replies.select);
        }
        ask({"PING"}, m_replies.hello);
        return;
    }
    ask({"HELLO", "2"}, m_replies.hello);  // RESP2: all that hiredis 0.14 reads
    if (m_options.ask_role) {
        ask({"ROLE"}, m_replies.role);
    }
    ask({"CLIENT", "SETNAME", "cachectl"}, m_ignored);
    if (m_address.db != 0) {
        ask({"SELECT", db}, m_replies.select);
    }
    ask({"INFO"}, m_replies.info);
}

void Login::authenticate() {
    m_replies.auth = Reply::make_status("OK");
    m_replies.select = m_replies.auth;
    // A user who is named logs in, even with an empty password, and never as `default` instead.
    if (!m_address.user.empty()) {
        ask({"AUTH", m_address.user, m_address.password}, m_replies.auth);
    } else if (!m_address.password.empty()) {
        ask({"AUTH", m_address.password}, m_replies.auth);
    }
}

void Login::ask(std::initializer_list<std::string_view> args, Reply& into) {
    ++m_unanswered;
    m_connection->send(std::span(args.begin(), args.size()), [this, &into](Reply reply) {
        into = std::move(reply);
        if (--m_unanswered != 0) {
            return;
        }
        m_answered = Clock::now();
        // Not from within the reply, whose connection may have to go.
        m_loop.after(milliseconds(0), m_lifetime.guard([this] { judge(); }));
    });
}

void Login::judge() {
    try {
        if (!tries_again()) {
            finish();
        }
    } catch (const Error&) {
        fail(std::current_exception());
    }
}

bool Login::is_hung_up_at_hello() const {
    return m_replies.hello.type == Reply::Type::lost && m_replies.auth.is_text() &&
           m_replies.hello.is_lost_by(Loss::Cause::closed);
}

/// Whether another try is under way. twemproxy closes the connection at every command that it does
/// not know, but so does a network that fails for a moment, and who took a server for a proxy would
/// not ask whether it is a cluster: a proxy hangs up at HELLO, answers PING, and hangs up again.
bool Login::tries_again() {
    if (m_plain) {
        if (is_hung_up_at_hello()) {
            take_as_proxy();
        }
        m_plain.reset();
        return false;
    }
    if (!m_hung_up) {
        if (!is_hung_up_at_hello() || m_options.without_hello || m_options.ask_role) {
            return false;
        }
        m_hung_up = std::move(m_replies);
    } else {
        LoginReplies hung_up = *std::exchange(m_hung_up, std::nullopt);
        if (!m_replies.hello.is_text() || !m_replies.auth.is_text() ||
            !m_replies.select.is_text()) {
            m_replies = std::move(hung_up);  // what the first try has shown says more
            return false;
        }
        m_plain = Plain{std::move(m_connection), std::move(m_replies)};
    }
    connect();
    return true;
}

void Login::take_as_proxy() {
    m_connection = std::move(m_plain->connection);
    m_replies = std::move(m_plain->replies);
    m_options.without_hello = true;
    m_result.warnings.push_back(
        m_address.name() +
        " hangs up at HELLO and INFO, as twemproxy does: going on without; what else it does not "
        "know ends the connection too");
}

void Login::finish() {
    m_result.server = server_info_from(m_replies.hello, m_replies.info);
    m_result.server.hangs_up = m_options.without_hello;
    m_result.server.login_answered_in =
        std::chrono::ceil<std::chrono::microseconds>(m_answered - m_asked);
    m_result.role = m_replies.role;
    if (m_replies.role.is_array() && !m_replies.role.elements.empty()) {
        const bool replica = m_replies.role.elements.front().text == "slave";
        m_result.server.role = replica ? "replica" : "master";
    }
    if (waits_out()) {
        return;
    }
    check_login(m_address, m_replies, m_result.server);
    if (m_replies.auth.is_error()) {
        m_result.warnings.push_back(m_address.name() + " has no password, but one was given");
    }
    if (m_result.server.info.text("loading") == "1") {
        throw ServerAway(refusal(Reply::make_error("LOADING the server is loading its dataset"),
                                 "use " + m_address.name(), m_result.server));
    }
    m_connection->set_reply_timeout(m_options.session.reply_timeout);
    // Redis 7.2: looking leaves LRU and LFU alone.
    if (takes_no_touch(m_result.server)) {
        const std::string_view no_touch[] = {"CLIENT", "NO-TOUCH", "ON"};
        m_connection->send(no_touch, [](const Reply&) {});
    }
    m_result.connection = std::move(m_connection);
    m_result.took = std::chrono::duration_cast<milliseconds>(Clock::now() - m_try_began);
    end();
}

/// Whether it is worth another try, which is under way then.
bool Login::waits_out() {
    const auto waited = Clock::now() - m_begin;
    if (says_too_many_clients(m_replies.auth) || says_too_many_clients(m_replies.hello)) {
        if (++m_times_full < k_max_clients_tries) {
            retry_after(with_jitter(m_delay));
            return true;
        }
    }
    const bool busy = m_replies.info.error_prefix() == "BUSY" &&
                      waited < std::min(k_busy_patience, m_options.session.connect_timeout);
    const bool loading =
        m_result.server.info.text("loading") == "1" && waited < m_options.session.wait;
    if (!busy && !loading) {
        return false;
    }
    retry_after(m_delay);
    return true;
}

void Login::retry_after(milliseconds delay) {
    m_delay = std::min(m_delay * 2, k_longest_delay);
    m_loop.after(delay, m_lifetime.guard([this] { connect(); }));
}

void Login::fail(std::exception_ptr why) {
    m_failure = std::move(why);
    m_connection.reset();
    end();
}

void Login::end() {
    m_ended = true;
    if (m_on_end) {
        m_loop.after(milliseconds(0), m_lifetime.guard(std::move(m_on_end)));
    }
}

}  // namespace cachectl
