#include "support/redis_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "support/failure_log.hpp"
#include "support/tcp_port.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto k_patience = std::chrono::seconds(60);

}  // namespace

std::string redis_server_binary() {
    const char* chosen = std::getenv("CACHECTL_REDIS_SERVER");
    return chosen != nullptr && *chosen != '\0' ? chosen : "redis-server";
}

RedisServer::RedisServer(std::vector<std::string> extra, Listen listen)
    : m_extra(std::move(extra)), m_listen(listen) {
    if (listen != Listen::unix_socket) {
        m_port = free_tcp_port();
    }
    start();
}

RedisServer::~RedisServer() { keep_for_failure("redis-server log", log()); }

std::string RedisServer::socket_path() const { return (m_dir.path() / "redis.sock").string(); }

std::string RedisServer::log() const { return read_file(m_dir.path() / "redis.log"); }

void RedisServer::start() {
    const std::string dir = m_dir.path().string();
    std::vector<std::string> argv{redis_server_binary(),
                                  "--port",
                                  m_listen == Listen::tls_too ? "0" : std::to_string(m_port),
                                  "--bind",
                                  "127.0.0.1",
                                  "--unixsocket",
                                  socket_path(),
                                  "--unixsocketperm",
                                  "700",
                                  "--dir",
                                  dir,
                                  "--logfile",
                                  dir + "/redis.log",
                                  "--save",
                                  "",
                                  "--appendonly",
                                  "no",
                                  "--daemonize",
                                  "no"};
    if (m_listen == Listen::tls_too) {
        argv.insert(argv.end(), {"--tls-port", std::to_string(m_port)});
    }
    argv.insert(argv.end(), m_extra.begin(), m_extra.end());
    const std::size_t log_before = log().size();
    m_process = std::make_unique<Process>(std::move(argv));
    const auto deadline = Clock::now() + k_patience;
    while (Clock::now() < deadline && m_process->running()) {
        try {
            // Any reply will do, -NOAUTH too; only LOADING is not yet an answer.
            if (client().command({"PING"}).text.rfind("LOADING", 0) != 0) {
                return;
            }
        } catch (const std::runtime_error&) {
            // Not yet listening.
        }
        std::this_thread::sleep_for(Millis(2));
    }
    const std::string said = log().substr(log_before);
    m_process->pump(Millis(0));
    throw std::runtime_error("redis-server did not start:\n" + said + m_process->out() +
                             m_process->err());
}

void RedisServer::stop() {
    m_process->send_signal(SIGTERM);
    m_process->wait();
}

void RedisServer::kill() {
    m_process->send_signal(SIGKILL);
    m_process->wait();
}

void RedisServer::freeze() { m_process->send_signal(SIGSTOP); }

void RedisServer::thaw() { m_process->send_signal(SIGCONT); }

void RedisServer::restart() {
    if (running()) {
        stop();
    }
    start();
}

}  // namespace cachectl::test
