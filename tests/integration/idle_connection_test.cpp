// While a person reads a question the server may close our connection, which was idle.
#include <doctest/doctest.h>

#include <filesystem>

#include "support/pty.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

using Words = std::vector<std::string>;

struct Stage {
    TempDir dir;
    RedisServer server;
    RespClient redis = server.client();
    std::string file = (dir.path() / "backup.rdb").string();

    Stage() { fill(); }
    void fill() {
        redis.run({"FLUSHALL"});
        redis.pipeline(100, [](std::size_t i) {
            return Words{"SET", "key:" + std::to_string(i), "value"};
        });
    }
    std::int64_t size() { return redis.integer({"DBSIZE"}); }

    ProcessResult answered_late(Words words) {
        words.insert(words.begin(), cachectl_binary());
        words.insert(words.end(), {"-s", server.socket_path()});
        PtyProcess process(words);
        CAPTURE(process.screen());
        REQUIRE(process.expect("[y/N]"));
        redis.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        process.type("y\n");
        return process.wait();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Stage,
                  "a change with a backup connects anew after the question, and a restoration") {
    for (const Words& words : {Words{"invalidate", "key:*"}, Words{"flush", "key"},
                               Words{"invalidate", "key:*", "--spread", "1h"},
                               Words{"expire", "key:*", "--set", "1h"}}) {
        fill();
        std::filesystem::remove(file);
        Words all = words;
        all.insert(all.end(), {"--backup", file});
        CAPTURE(words[0]);
        CHECK(answered_late(all).exit_code == 0);
        CHECK(std::filesystem::exists(file));
    }
    redis.run({"FLUSHALL"});
    CHECK(answered_late({"restore", file}).exit_code == 0);
    CHECK(size() == 100);
}
