// Runs of `cachectl warm` against real servers, and what they leave there.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"

namespace cachectl::test {

inline std::vector<std::string> on(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.begin(), "warm");
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

inline ProcessResult warm(const RedisServer& server, std::vector<std::string> words,
                          ProcessOptions options = {}) {
    return run_cachectl(on(server, std::move(words)), std::move(options));
}

/// The keys that have no TTL.
inline std::vector<std::string> persistent(const RedisServer& server) {
    RespClient client = server.client();
    std::vector<std::string> without;
    for (const std::string& key : client.list({"KEYS", "*"})) {
        if (client.integer({"PTTL", key}) == -1) {
            without.push_back(key);
        }
    }
    return without;
}

inline std::string many_rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}\n";
    }
    return text;
}

/// Pumps until the server has so many keys.
inline bool wait_for_keys(Process& process, RespClient& client, std::int64_t keys) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (client.integer({"DBSIZE"}) < keys) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        process.pump(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace cachectl::test
