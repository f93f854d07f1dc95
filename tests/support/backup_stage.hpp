// What the tests of --backup share: keys of all kinds on a real server, and a file of their own.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace cachectl::test {

inline ProcessResult run_program(std::vector<std::string> argv) {
    return Process(std::move(argv)).wait();
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline const std::string k_binary("name \0\n\xff\x1b[31m", 12);

inline std::string noise(std::size_t bytes) {
    std::minstd_rand random(1);
    std::string text(bytes, '\0');
    for (char& c : text) {
        c = static_cast<char>(random() >> 8);
    }
    return text;
}

struct BackupStage {
    void fill() {
        redis.pipeline(2'000, [](std::size_t i) {
            return std::vector<std::string>{"SET", fmt::format("course:{}", i),
                                            fmt::format("value {}", i)};
        });
        redis.run({"SET", "course:timed", "y", "PX", "7200000"});
        redis.run({"SET", k_binary, k_binary});
        redis.run({"SET", "number", "12345"});
        redis.run({"HSET", "hash", "f", "v"});
        redis.run({"SADD", "ints", "1", "2", "3"});
        redis.run({"XADD", "stream", "1-1", "f", "v"});
        redis.run({"XGROUP", "CREATE", "stream", "group", "0"});
    }
    /// Of types that are read in pieces.
    void fill_large() {
        redis.run({"SET", "large:string", noise(1'500'000)});
        redis.pipeline(10, [](std::size_t i) {
            std::vector<std::string> words = {"RPUSH", "large:list"};
            for (int j = 0; j < 500; ++j) {
                words.push_back(fmt::format("{} {}", i, noise(50 + j % 7)));
            }
            return words;
        });
        redis.pipeline(3'000, [](std::size_t i) {
            const std::string n = std::to_string(i);
            return std::vector<std::string>{"HSET", "large:hash", n + noise(3), n + noise(60)};
        });
        redis.pipeline(3'000, [](std::size_t i) {
            return std::vector<std::string>{"SADD", "large:set", std::to_string(i) + noise(60)};
        });
        redis.pipeline(3'000, [](std::size_t i) {
            const double score = i == 7 ? 1e300 : static_cast<double>(i) / 3;
            return std::vector<std::string>{"ZADD", "large:zset",
                                            i == 8 ? "-inf" : fmt::format("{}", score),
                                            std::to_string(i) + noise(60)};
        });
        redis.run({"PEXPIRE", "large:set", "7200000"});
    }
    void fill_large_stream() {
        redis.pipeline(3'000, [](std::size_t i) {
            return std::vector<std::string>{"XADD", "large:stream", std::to_string(i + 1), "f",
                                            noise(60)};
        });
    }

    ProcessResult run(std::vector<std::string> words) {
        words.insert(words.end(), {"-s", server.socket_path()});
        return run_cachectl(words);
    }
    nlohmann::json summary(std::vector<std::string> words, int exit_code = 0) {
        words.insert(words.end(), {"--yes", "--json"});
        const ProcessResult result = run(std::move(words));
        CAPTURE(result.err);
        CHECK(result.exit_code == exit_code);
        return nlohmann::json::parse(result.out);
    }
    std::string digest() { return redis.text({"DEBUG", "DIGEST"}); }
    std::int64_t size() { return redis.integer({"DBSIZE"}); }

    RedisServer server{{"--enable-debug-command", "yes"}};
    RespClient redis = server.client();
    TempDir dir;
    std::string file = (dir.path() / "it's a backup.rdb").string();
};

}  // namespace cachectl::test
