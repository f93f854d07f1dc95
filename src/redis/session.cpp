#include "redis/session.hpp"

#include "redis/error_reply.hpp"
#include "util/interruption.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr int k_reconnect_tries = 4;
constexpr const char* k_demoted = "the master has become a replica";

}  // namespace

Session::Session(Loop& loop, ServerAddress target, SessionOptions options)
    : LoopClient(loop),
      m_loop(loop),
      m_target(std::move(target)),
      m_address(m_target),
      m_options(std::move(options)) {
    if (m_target.is_found_by_sentinels()) {
        m_sentinels = std::make_unique<Sentinels>(m_loop, m_target, m_options.connect_timeout,
                                                  m_options.tls.get());
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
    if (m_connection && !m_sentinels) {
        m_connection->send(args, sink);
    } else {
        send(args, [sink](Reply reply) { sink->take(std::move(reply)); });
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
    if (m_connection) {
        m_connection->copy_in_place();
    }
}

Reply Session::unsent() const {
    return Reply::make_unsent(m_demoted ? k_demoted : "not connected");
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

void Session::listen(Callback on_line) {
    if (m_connection) {
        m_connection->listen(std::move(on_line));
    }
}

void Session::pause(milliseconds delay) {
    sleep(delay);
    if (stop_signal() == 0) {
        return;
    }
    throw interruption("interrupted while waiting for " + m_address.name());
}

void Session::connect_to_address() {
    m_demoted = false;
    m_connection.reset();
    const bool ask_role = m_sentinels || m_target.read_from == ReadFrom::replica;
    Login login(m_loop, m_address, {m_options, ask_role, m_server.hangs_up});
    login.wait();
    LoggedIn in = login.take();
    m_connection = std::move(in.connection);
    m_server = std::move(in.server);
    m_role = std::move(in.role);
    m_took = in.took;
    if (m_warnings.empty()) {
        m_warnings = std::move(in.warnings);
    }
}

LoggedIn Session::release() {
    return {std::move(m_connection), m_server, m_role, m_warnings, m_took};
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
            if (error.code() != ExitCode::unreachable || tries == k_reconnect_tries) {
                throw;
            }
        }
        pause(with_jitter(delay));
    }
}

}  // namespace cachectl
