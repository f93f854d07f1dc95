#include "redis/session.hpp"

#include <csignal>
#include <random>

#include "redis/error_reply.hpp"
#include "redis/server_away.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_busy_patience{5'000};
constexpr int k_max_clients_tries = 3;
constexpr int k_reconnect_tries = 4;
constexpr const char* k_demoted = "the master has become a replica";

// Servers older than 6.0 answer so when they have no password and were given one.
bool says_no_password_is_set(const Reply& auth) {
    return auth.error_prefix() == "ERR" &&
           (auth.text.find("without any password") != auth.text.npos ||
            auth.text.find("no password is set") != auth.text.npos);
}

// How a server that waits for TLS ends a connection that speaks without: it says nothing.
std::string hint_at_tls(const Reply& first) {
    for (const char* ending : {"connection closed", "read: ", "write: "}) {
        if (first.text.starts_with(ending)) {
            return "if it wants TLS: --tls, or rediss:// in the URL";
        }
    }
    return {};
}

bool says_too_many_clients(const Reply& reply) {
    return reply.is_error() && reply.text.find("max number of clients") != std::string::npos;
}

milliseconds with_jitter(milliseconds delay) {
    static std::minstd_rand random(std::random_device{}());
    return delay + milliseconds(std::uniform_int_distribution<int>(
                       0, static_cast<int>(delay.count() / 2))(random));
}

}  // namespace

Session::Session(Loop& loop, ServerAddress target, SessionOptions options)
    : m_loop(loop),
      m_target(std::move(target)),
      m_address(m_target),
      m_options(std::move(options)) {
    if (m_target.uses_tls()) m_tls = std::make_unique<TlsContext>(m_options.tls);
    if (m_target.is_found_by_sentinels()) {
        m_sentinels =
            std::make_unique<Sentinels>(m_loop, m_target, m_options.connect_timeout, m_tls.get());
    }
    connect(Patience::none);
}

Session::~Session() = default;

void Session::send(std::span<const std::string_view> args, Callback done) {
    if (m_connection && !m_demoted) {
        m_connection->send(args, m_sentinels ? watch_role(std::move(done)) : std::move(done));
    } else {
        done(unsent());
    }
}

void Session::send(std::span<const std::string_view> args, const std::shared_ptr<ReplySink>& sink) {
    if (m_connection && m_sentinels) {
        send(args, [sink](Reply reply) { sink->take(std::move(reply)); });
    } else if (m_connection) {
        m_connection->send(args, sink);
    } else {
        sink->take(unsent());
    }
}

void Session::send_in_place(std::span<const std::string_view> args, Callback done) {
    if (m_connection && !m_demoted) {
        m_connection->send_in_place(args,
                                    m_sentinels ? watch_role(std::move(done)) : std::move(done));
    } else {
        done(unsent());
    }
}

void Session::copy_in_place() {
    if (m_connection) m_connection->copy_in_place();
}

Reply Session::unsent() const {
    return {Reply::Type::unsent, 0, m_demoted ? k_demoted : "not connected", {}};
}

// A failover can turn the master into a replica under the connection. The command that it then
// refuses has not been executed, and is as good as one that never left; what it still tells is
// that of a replica. Both send the caller to reconnect(), and so to the new master.
Client::Callback Session::watch_role(Callback done) {
    return [this, done = std::move(done)](Reply reply) {
        m_demoted = m_demoted || reply.error_prefix() == "READONLY";
        if (m_demoted && !reply.is_broken()) {
            reply.type = reply.is_error() ? Reply::Type::unsent : Reply::Type::lost;
            reply.text = k_demoted;
        }
        done(std::move(reply));
    };
}

void Session::when_answered(std::function<void()> action) {
    if (m_connection) {
        m_connection->when_answered(std::move(action));
    } else {
        action();
    }
}

void Session::after(std::chrono::microseconds delay, std::function<void()> action) {
    m_loop.after(delay, std::move(action));
}

void Session::run_until(const std::function<bool()>& finished) { m_loop.run_until(finished); }

void Session::pause(milliseconds delay) {
    // Shared, because the timer outlives this frame when a signal ends the wait.
    const auto over = std::make_shared<bool>(false);
    m_loop.after(delay, [over] { *over = true; });
    m_loop.run_until([&] { return *over || stop_signal() != 0; });
    if (stop_signal() != 0) throw_interrupted();
}

void Session::throw_interrupted() const {
    throw Error(stop_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated,
                "interrupted while waiting for " + m_address.name());
}

// Waits out what passes by itself: a script that holds the server, loading, too many clients.
// Each try is a login from the start, because which of its commands were refused differs.
void Session::connect_to_address() {
    m_demoted = false;
    const auto begin = Clock::now();
    milliseconds delay{100};
    for (int full = 1;; delay = std::min(delay * 2, milliseconds(1'000))) {
        m_connection.reset();
        m_connection = open_connection();
        Login login = m_without_hello ? log_in_without_hello() : log_in();
        if (!m_without_hello) m_without_hello = try_without_hello(login);
        const auto waited = Clock::now() - begin;
        if (says_too_many_clients(login.auth) || says_too_many_clients(login.hello)) {
            if (full++ < k_max_clients_tries) {
                pause(with_jitter(delay));
                continue;
            }
        }
        if (login.info.error_prefix() == "BUSY" && waited < k_busy_patience) {
            pause(delay);
            continue;
        }
        m_server = server_info_from(login.hello, login.info);
        m_server.hangs_up = m_without_hello;
        m_role = login.role;
        if (m_role.is_array() && !m_role.elements.empty()) {
            m_server.role = m_role.elements.front().text == "slave" ? "replica" : "master";
        }
        const bool loading = m_server.info.text("loading") == "1";
        if (loading && waited < m_options.wait) {
            pause(delay);
            continue;
        }
        check_login(login);
        if (login.auth.is_error() && m_warnings.empty()) {
            m_warnings.push_back(m_address.name() + " has no password, but one was given");
        }
        if (loading) {
            throw ServerAway(refusal(Reply::make_error("LOADING the server is loading its dataset"),
                                     "use " + m_address.name(), m_server));
        }
        m_connection->set_reply_timeout(m_options.reply_timeout);
        // Redis 7.2: looking leaves LRU and LFU alone.
        if (takes_no_touch(m_server)) {
            const std::string_view no_touch[] = {"CLIENT", "NO-TOUCH", "ON"};
            m_connection->send(no_touch, [](const Reply&) {});
        }
        return;
    }
}

std::unique_ptr<Connection> Session::open_connection() const {
    return std::make_unique<Connection>(
        m_loop, connect_stream(m_address, m_options.connect_timeout, m_tls.get()),
        m_options.connect_timeout);
}

void Session::ask(std::initializer_list<std::string_view> args, Reply& into, std::size_t& left) {
    ++left;
    send(args, [&into, &left](Reply reply) {
        into = std::move(reply);
        --left;
    });
}

/// Until all that was asked is answered.
void Session::wait_for(const std::size_t& left) {
    run_until([&] { return left == 0 || stop_signal() != 0; });
    if (left == 0) return;
    m_connection.reset();  // its callbacks point into the caller's frame
    throw_interrupted();
}

void Session::authenticate(Login& login, std::size_t& left) {
    login.auth = Reply::make_status("OK");
    login.select = login.auth;
    // Whoever is named is logged in as, with an empty password too: never the default user instead.
    if (!m_address.user.empty()) {
        ask({"AUTH", m_address.user, m_address.password}, login.auth, left);
    } else if (!m_address.password.empty()) {
        ask({"AUTH", m_address.password}, login.auth, left);
    }
}

// One round trip. HELLO, AUTH, SELECT and INFO are answered even while loading; PING is not.
Session::Login Session::log_in() {
    Login login;
    Reply ignored;
    std::size_t left = 0;
    authenticate(login, left);
    const std::string db = std::to_string(m_address.db);
    ask({"HELLO", "2"}, login.hello, left);  // RESP2: all that hiredis 0.14 reads
    if (m_sentinels || m_target.read_from == ReadFrom::replica) ask({"ROLE"}, login.role, left);
    ask({"CLIENT", "SETNAME", "cachectl"}, ignored, left);
    if (m_address.db != 0) ask({"SELECT", db}, login.select, left);
    ask({"INFO"}, login.info, left);
    wait_for(left);
    return login;
}

/// Only what every proxy knows: the answer to PING stands for that to HELLO.
Session::Login Session::log_in_without_hello() {
    Login login;
    std::size_t left = 0;
    authenticate(login, left);
    const std::string db = std::to_string(m_address.db);
    if (m_address.db != 0) ask({"SELECT", db}, login.select, left);
    ask({"PING"}, login.hello, left);
    wait_for(left);
    return login;
}

// twemproxy closes the connection at every command that it does not know.
bool Session::try_without_hello(Login& login) {
    const bool hung_up = login.hello.type == Reply::Type::lost && login.auth.is_text() &&
                         login.hello.text.starts_with("connection closed");
    if (!hung_up || m_sentinels || m_target.read_from == ReadFrom::replica) return false;
    m_connection.reset();
    try {
        m_connection = open_connection();
    } catch (const Error& error) {
        if (error.code() != ExitCode::unreachable) throw;
        return false;  // what the first try has shown says more
    }
    Login plain = log_in_without_hello();
    if (!plain.hello.is_text() || !plain.auth.is_text() || !plain.select.is_text()) return false;
    login = std::move(plain);
    m_warnings.push_back(m_address.name() +
                         " hangs up at HELLO and INFO, as twemproxy does: going on without; what "
                         "else it does not know ends the connection too");
    return true;
}

void Session::check_login(const Login& login) const {
    const std::string attempted = "log in to " + m_address.name();
    const std::string to_server = m_address.name() + ": ";
    const bool authenticates = !m_address.user.empty() || !m_address.password.empty();
    const Reply& first = authenticates ? login.auth : login.hello;
    for (const Reply* reply :
         {&login.auth, &login.hello, &login.select, &login.role, &login.info}) {
        // Whoever refuses the login and hangs up has said why before.
        if (reply->is_broken() && !login.auth.is_error()) {
            const Error error(ExitCode::unreachable, to_server + reply->text,
                              first.is_broken() && !m_address.tls ? hint_at_tls(first) : "");
            if (reply->text.starts_with("no reply")) throw ServerAway(error);
            throw error;
        }
        // What the server says and hangs up instead of an answer (maxclients, protected mode).
        if (says_too_many_clients(*reply) || reply->error_prefix() == "DENIED") {
            throw Error(ExitCode::unreachable, to_server + reply->text,
                        refusal(*reply, attempted, m_server).hint());
        }
    }
    const bool may_be_default = m_address.user.empty() || m_address.user == "default";
    const bool has_hung_up = login.hello.is_broken();
    if (login.auth.is_error() &&
        (has_hung_up || !(may_be_default && says_no_password_is_set(login.auth)))) {
        // Whatever the words, a failed login is a server out of reach.
        const Error error = refusal(login.auth, attempted, m_server);
        throw LoginRefused(ExitCode::unreachable, error.what(), error.hint());
    }
    for (const Reply* reply : {&login.hello, &login.info}) {
        if (reply->error_prefix() == "NOAUTH") {
            const Error error = refusal(*reply, attempted, m_server);
            throw LoginRefused(error.code(), error.what(), error.hint());
        }
        if (reply->error_prefix() == "BUSY") throw refusal(*reply, "use the server", m_server);
    }
    if (login.select.error_prefix() == "NOPERM") {
        throw refusal(login.select, "select database " + std::to_string(m_address.db), m_server);
    }
    if (login.select.is_error()) {
        throw Error(ExitCode::usage,
                    "cannot select database " + std::to_string(m_address.db) + " on " +
                        m_address.name() + ": " + login.select.text,
                    m_server.mode == "cluster" ? "this cluster has database 0 alone" : "");
    }
    if (m_server.mode == "sentinel") {
        throw Error(ExitCode::usage, m_address.name() + " is a Sentinel",
                    "--sentinel HOST:PORT --master-name NAME asks it for the server");
    }
}

bool Session::reconnect() {
    const std::string run_id = m_server.run_id;
    const std::string role = m_server.role;
    const auto is_same = [&] {
        return !run_id.empty() && run_id == m_server.run_id && role == m_server.role;
    };
    if (m_sentinels) {
        tell("the connection to " + m_address.name() + " is lost; asking the Sentinels of " +
             m_target.name());
        connect(Patience::failover);
        return is_same();
    }
    milliseconds delay{50};
    for (int tries = 1;; ++tries, delay *= 4) {
        try {
            connect(Patience::none);
            return is_same();
        } catch (const LoginRefused&) {
            throw;
        } catch (const Error& error) {
            if (error.code() != ExitCode::unreachable || tries == k_reconnect_tries) throw;
        }
        pause(with_jitter(delay));
    }
}

}  // namespace cachectl
