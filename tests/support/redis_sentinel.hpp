// A Sentinel for one test, on a free port of 127.0.0.1: redis-server --sentinel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

/// Waits until the replica follows its master; throws std::runtime_error after 30 s.
void wait_until_linked(const RedisServer& replica, const std::string& password = {});

class RedisSentinel {
public:
    /// Returns when it knows the master of that name, and `replicas` of it that are fit. It takes
    /// nobody for dead by itself: failover() does. `config` are lines of its configuration. Throws
    /// std::runtime_error, with the log, when that takes longer than 30 s.
    RedisSentinel(const std::string& name, std::uint16_t master_port, std::size_t replicas,
                  const std::vector<std::string>& config = {});
    ~RedisSentinel();
    RedisSentinel(const RedisSentinel&) = delete;
    RedisSentinel& operator=(const RedisSentinel&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(m_port); }
    /// Makes a replica the master, whether the old one lives or not; returns when the Sentinel
    /// names it, with its port.
    std::uint16_t failover();
    void kill();

private:
    [[nodiscard]] RespClient client() const;
    [[nodiscard]] std::string log() const;
    void wait_until_ready(std::size_t replicas);

    TempDir m_dir;
    std::string m_name;
    std::string m_password;  // of `requirepass` in the configuration
    std::uint16_t m_port = 0;
    std::unique_ptr<Process> m_process;
};

/// Answers as a Sentinel that knows one master, in whatever state its knowledge is.
FakeServer::Script sentinel_that_says(const std::string& name, std::uint16_t master_port,
                                      int epoch = 0);

}  // namespace cachectl::test
