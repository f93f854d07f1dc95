// For the tests with Sentinels: a master, its replica and who watches them.
#pragma once

#include <string>
#include <vector>

#include "support/redis_sentinel.hpp"
#include "support/redis_server.hpp"

namespace cachectl::test {

inline std::string endpoint(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

inline std::vector<std::string> by_sentinels(std::vector<std::string> args,
                                             const std::string& sentinels) {
    args.insert(args.end(), {"--sentinel", sentinels, "--master-name", "cache"});
    return args;
}

/// A master, its replica and a Sentinel that watches both.
struct SentinelGroupOfTwo {
    explicit SentinelGroupOfTwo(const std::vector<std::string>& server_extra = {},
                                const std::vector<std::string>& config = {},
                                const std::string& password = {})
        : first(server_extra, Listen::tcp_too),
          second(with(server_extra, {"--replicaof", "127.0.0.1 " + std::to_string(first.port())}),
                 Listen::tcp_too),
          sentinel("cache", linked(second, first, password), 1, config) {}

    /// The port of a master whose replica follows it by now.
    static std::uint16_t linked(const RedisServer& replica, const RedisServer& master,
                                const std::string& password) {
        wait_until_linked(replica, password);
        return master.port();
    }
    static std::vector<std::string> with(std::vector<std::string> args,
                                         const std::vector<std::string>& more) {
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }

    void fill(std::size_t keys) const {
        RespClient redis = first.client();
        redis.pipeline(keys, [](std::size_t i) {
            return RespClient::Args{"SET", "k:" + std::to_string(i), "v"};
        });
        redis.run({"WAIT", "1", "30000"});  // for the writes of this connection
    }

    RedisServer first, second;
    RedisSentinel sentinel;
};

}  // namespace cachectl::test
