// A private redis-server for one test: a Unix socket in a folder of its own and, on request, a
// free TCP port on 127.0.0.1, plain or with TLS (then the test gives the certificates as `extra`
// arguments); nothing is saved unless the extra arguments say so. The binary is
// $CACHECTL_REDIS_SERVER or `redis-server` in PATH; without one the test fails.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/resp_client.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

enum class Listen { unix_socket, tcp_too, tls_too };

/// $CACHECTL_REDIS_SERVER, or `redis-server` in PATH.
std::string redis_server_binary();
class RedisServer {
public:
    /// Returns when it answers PING. `extra` are config arguments such as {"--databases", "4"};
    /// they come last, so they win. Throws std::runtime_error, with the log, when it does not
    /// answer in 60 s.
    explicit RedisServer(std::vector<std::string> extra = {}, Listen listen = Listen::unix_socket);
    /// Kills it, and keeps its log for a failed test.
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    [[nodiscard]] std::string socket_path() const;
    [[nodiscard]] std::uint16_t port() const { return m_port; }  // 0 without TCP
    [[nodiscard]] pid_t pid() const { return m_process->pid(); }
    [[nodiscard]] std::string log() const;
    /// Where its files are (dump.rdb, ACL files a test puts there).
    [[nodiscard]] const TempDir& dir() const { return m_dir; }
    bool running() { return m_process && m_process->running(); }

    /// A new connection, over the Unix socket.
    [[nodiscard]] RespClient client() const { return RespClient::unix_socket(socket_path()); }

    /// SIGTERM, and waits for its end.
    void stop();
    /// SIGKILL: connections end without a word.
    void kill();
    /// SIGSTOP and SIGCONT: it keeps its connections and says nothing.
    void freeze();
    void thaw();
    /// A new process on the same socket and port (stops the old one first if it runs).
    void restart();

private:
    void start();

    TempDir m_dir;
    std::vector<std::string> m_extra;
    Listen m_listen;
    std::uint16_t m_port = 0;
    std::unique_ptr<Process> m_process;
};

}  // namespace cachectl::test
