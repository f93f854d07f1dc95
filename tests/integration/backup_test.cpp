// --backup with real servers: what is deleted or changed can be put back as it was.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

ProcessResult run_program(Words argv) { return Process(std::move(argv)).wait(); }

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string k_binary("name \0\n\xff\x1b[31m", 12);

std::string noise(std::size_t bytes) {
    std::minstd_rand random(1);
    std::string text(bytes, '\0');
    for (char& c : text) {
        c = static_cast<char>(random() >> 8);
    }
    return text;
}

struct Stage {
    void fill() {
        redis.pipeline(2'000, [](std::size_t i) {
            return Words{"SET", fmt::format("course:{}", i), fmt::format("value {}", i)};
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
            Words words = {"RPUSH", "large:list"};
            for (int j = 0; j < 500; ++j) {
                words.push_back(fmt::format("{} {}", i, noise(50 + j % 7)));
            }
            return words;
        });
        redis.pipeline(3'000, [](std::size_t i) {
            const std::string n = std::to_string(i);
            return Words{"HSET", "large:hash", n + noise(3), n + noise(60)};
        });
        redis.pipeline(3'000, [](std::size_t i) {
            return Words{"SADD", "large:set", std::to_string(i) + noise(60)};
        });
        redis.pipeline(3'000, [](std::size_t i) {
            const double score = i == 7 ? 1e300 : static_cast<double>(i) / 3;
            return Words{"ZADD", "large:zset", i == 8 ? "-inf" : fmt::format("{}", score),
                         std::to_string(i) + noise(60)};
        });
        redis.run({"PEXPIRE", "large:set", "7200000"});
    }
    void fill_large_stream() {
        redis.pipeline(3'000, [](std::size_t i) {
            return Words{"XADD", "large:stream", std::to_string(i + 1), "f", noise(60)};
        });
    }

    ProcessResult run(Words words) {
        words.insert(words.end(), {"-s", server.socket_path()});
        return run_cachectl(words);
    }
    Json summary(Words words, int exit_code = 0) {
        words.insert(words.end(), {"--yes", "--json"});
        const ProcessResult result = run(std::move(words));
        CAPTURE(result.err);
        CHECK(result.exit_code == exit_code);
        return Json::parse(result.out);
    }
    std::string digest() { return redis.text({"DEBUG", "DIGEST"}); }
    std::int64_t size() { return redis.integer({"DBSIZE"}); }

    RedisServer server{{"--enable-debug-command", "yes"}};
    RespClient redis = server.client();
    TempDir dir;
    std::string file = (dir.path() / "it's a backup.rdb").string();
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "what is deleted with --backup comes back as it was") {
    fill();
    fill_large();
    const std::string before = digest();
    const std::int64_t keys = size();
    const Json summary =
        this->summary({"invalidate", "*", "--all", "--backup", file, "--protect", "number"});
    CHECK(summary["deleted"] == keys - 1);
    CHECK(summary["complete"] == true);
    CHECK(summary["backup"]["keys"] == keys - 1);
    CHECK(summary["backup"]["file"] == file);
    CHECK(summary["backup"]["whole"] == true);
    CHECK(summary["backup"]["undo"] ==
          fmt::format("cachectl -s {} restore '{}'", server.socket_path(),
                      (dir.path() / "it'\\''s a backup.rdb").string()));
    CHECK(summary["backup"]["bytes"] == std::filesystem::file_size(file));
    CHECK(size() == 1);
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);

    const Json restored = this->summary({"restore", file});
    CHECK(restored["restored"] == keys - 1);
    CHECK(digest() == before);
    for (const char* key : {"course:timed", "large:set"}) {
        const std::int64_t left = redis.integer({"PTTL", key});
        CHECK(left > 7'000'000);
        CHECK(left <= 7'200'000);
    }
    CHECK(redis.integer({"PTTL", "large:zset"}) == -1);
}

TEST_CASE_FIXTURE(Stage, "an expiry that was changed with --backup comes back with --replace") {
    fill();
    fill_large();
    const std::string before = digest();
    const Json summary = this->summary({"expire", "*", "--all", "--set", "1m", "--backup", file});
    CHECK(summary["changed"] == size());
    CHECK(summary["backup"]["keys"] == size());
    CHECK(redis.integer({"PTTL", "large:zset"}) > 0);
    CHECK(this->summary({"restore", file, "--replace"})["restored"] == size());
    CHECK(digest() == before);
    CHECK(redis.integer({"PTTL", "large:zset"}) == -1);
    CHECK(redis.integer({"PTTL", "large:set"}) > 7'000'000);
}

TEST_CASE_FIXTURE(Stage, "memory does not grow with the keys whose expiry is changed") {
    if (is_sanitized()) {
        return;  // a sanitized build's memory is its own
    }
    redis.run({"DEBUG", "POPULATE", "400000", "k", "20"});
    const ObservedRun run =
        observe_cachectl({"expire", "k:*", "--set", "1h", "--yes", "--pace", "full", "--backup",
                          file, "-s", server.socket_path()});
    CHECK(run.exit_code == 0);
    CHECK(run.peak_kib < 36 * 1024);
}

TEST_CASE_FIXTURE(Stage, "whole namespaces and databases can be saved, too") {
    fill();
    const std::string before = digest();
    CHECK(summary({"flush", "course", "--backup", file})["backup"]["keys"] == 2'001);
    const std::string other = (dir.path() / "rest.rdb").string();
    CHECK(summary({"flush", "--whole-db", "--backup", other})["deleted"] == 5);
    CHECK(size() == 0);
    summary({"restore", file});
    summary({"restore", other});
    CHECK(digest() == before);
    CHECK(run({"flush", "--all-dbs", "--yes", "--backup", "x"}).exit_code == 2);
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "what only DUMP tells is left if it is large, unless that is allowed") {
    fill_large_stream();
    fill();
    const std::string before = digest();
    const ProcessResult kept = run({"invalidate", "*", "--all", "--yes", "--backup", file});
    CHECK(kept.exit_code == 5);
    CHECK(contains(kept.err, "'large:stream' was left"));
    CHECK(contains(kept.err, "--allow-slow-dump"));
    CHECK(size() == 1);
    const std::string other = (dir.path() / "stream.rdb").string();
    const Json summary =
        this->summary({"invalidate", "large:*", "--backup", other, "--allow-slow-dump"});
    CHECK(summary["deleted"] == 1);
    this->summary({"restore", file});
    this->summary({"restore", other});
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage, "a server starts from a backup") {
    fill();
    fill_large();
    const std::string before = digest();
    summary({"invalidate", "*", "--all", "--backup", file});
    server.stop();
    std::filesystem::copy_file(file, server.dir().path() / "dump.rdb");
    server.restart();
    CHECK(server.client().text({"DEBUG", "DIGEST"}) == before);
}

// Each INCR answers how often it was counted since the key was deleted last: what it answered right
// before that is what has to be in the file.
TEST_CASE_FIXTURE(Stage, "what was written last before a key is deleted is what is saved") {
    fill();
    constexpr int k_counters = 50;
    std::atomic<bool> stop = false;
    std::vector<std::int64_t> last(k_counters, 0);
    std::vector<bool> is_gone(k_counters, false);
    for (int i = 0; i < k_counters; ++i) {
        redis.run({"SET", fmt::format("counter:{}", i), "1000000"});
    }
    std::thread writer([&] {
        RespClient client = server.client();
        while (!stop) {
            for (int i = 0; i < k_counters; ++i) {
                const std::int64_t value = client.integer({"INCR", fmt::format("counter:{}", i)});
                if (!is_gone[i] && value < 1'000'000) {
                    is_gone[i] = true;
                } else if (!is_gone[i]) {
                    last[i] = value;
                }
            }
        }
    });
    std::this_thread::sleep_for(20ms);
    const Json summary = this->summary({"invalidate", "counter:*", "course:*", "--backup", file});
    std::this_thread::sleep_for(20ms);
    stop = true;
    writer.join();
    CHECK(summary["complete"] == true);
    this->summary({"restore", file, "counter:*", "--replace"});
    for (int i = 0; i < k_counters; ++i) {
        REQUIRE(is_gone[i]);
        CHECK(redis.text({"GET", fmt::format("counter:{}", i)}) == std::to_string(last[i]));
    }
    CHECK(run_program({"redis-check-rdb", file}).exit_code == 0);
}

TEST_CASE_FIXTURE(Stage, "a large key that is written to all the time is left and named") {
    fill_large();
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        RespClient client = server.client();
        while (!stop) {
            client.run({"HSET", "large:hash", "field", "value"});
        }
    });
    const ProcessResult result = run({"invalidate", "large:*", "--yes", "--backup", file});
    stop = true;
    writer.join();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "'large:hash' was left"));
    CHECK(size() == 1);
    CHECK(summary({"restore", file})["restored"] == 4);
}

TEST_CASE_FIXTURE(Stage, "a backup never overwrites, and nothing is sent without it") {
    fill();
    const std::string before = digest();
    std::ofstream(file) << "mine";
    const ProcessResult result = run({"invalidate", "course:*", "--yes", "--backup", file});
    CHECK(result.exit_code == 7);
    CHECK(read_file(file) == "mine");
    CHECK(run({"invalidate", "course:*", "--yes", "--backup", "/nowhere/b.rdb"}).exit_code == 7);
    CHECK(digest() == before);
    // Where nothing matches there is nothing to be kept.
    const std::string other = (dir.path() / "none.rdb").string();
    CHECK(run({"invalidate", "none:*", "--yes", "--backup", other}).exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(other));
}

TEST_CASE_FIXTURE(Stage, "a full disk stops it before anything unsaved is changed") {
    redis.pipeline(20'000, [](std::size_t i) {
        return Words{"SET", fmt::format("k:{}", i), noise(150) + std::to_string(i)};
    });
    const ProcessResult result = run_program(
        {"bash", "-c",
         fmt::format("ulimit -f 2000; exec '{}' invalidate 'k:*' --yes --pace full --json "
                     "--backup \"$1\" -s '{}'",
                     cachectl_binary(), server.socket_path()),
         "bash", file});
    CAPTURE(result.err);
    CHECK(result.exit_code == 7);
    const Json summary = Json::parse(result.out);
    CHECK(summary["complete"] == false);
    CHECK(summary["backup"]["whole"] == false);
    CHECK(summary["deleted"].get<int>() > 0);
    CHECK(size() == 20'000 - summary["deleted"].get<int>());
    this->summary({"restore", file});
    CHECK(size() == 20'000);
}

TEST_CASE_FIXTURE(Stage, "killed at any moment, it has deleted nothing that is not in the file") {
    std::minstd_rand random(7);
    for (int round = 0; round < 12; ++round) {
        redis.run({"FLUSHALL"});
        redis.pipeline(20'000, [](std::size_t i) {
            return Words{"SET", fmt::format("k:{}", i), fmt::format("value {}", i)};
        });
        redis.run({"SET", "other", "x"});
        const std::string before = digest();
        std::filesystem::remove(file);
        Process process({cachectl_binary(), "invalidate", "k:*", "--yes", "--backup", file, "-s",
                         server.socket_path()});
        while (process.running() && !std::filesystem::exists(file)) {
            process.pump(1ms);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        process.send_signal(round % 3 == 0 ? SIGTERM : SIGKILL);
        process.wait();
        CAPTURE(round);
        CHECK(redis.integer({"EXISTS", "other"}) == 1);
        if (size() == 20'001) {
            continue;
        }
        const ProcessResult restored = run({"restore", file, "--yes"});
        CAPTURE(restored.err);
        CHECK(restored.exit_code == 0);
        CHECK(digest() == before);
    }
}

TEST_CASE("a backup of a cluster is made on all masters, and goes back to where its keys live") {
    RedisCluster cluster;
    TempDir dir;
    const std::string file = (dir.path() / "backup.rdb").string();
    for (int i = 0; i < 3'000; ++i) {
        const std::string key = fmt::format("k:{}", i);
        cluster.at_owner(key, {"SET", key, std::to_string(i)});
    }
    cluster.at_owner("large", {"SET", "large", noise(300'000)});
    const ProcessResult deleted = run_cachectl({"invalidate", "*", "--all", "--yes", "--json",
                                                "--backup", file, "-h", cluster.address(0)});
    CAPTURE(deleted.err);
    REQUIRE(deleted.exit_code == 0);
    CHECK(Json::parse(deleted.out)["backup"]["keys"] == 3'001);
    CHECK(cluster.all_keys().empty());
    CHECK(run_cachectl({"restore", file, "--yes", "-h", cluster.address(1)}).exit_code == 0);
    CHECK(cluster.all_keys().size() == 3'001);
    CHECK(cluster.at_owner("k:1234", {"GET", "k:1234"}).text == "1234");
    CHECK(cluster.at_owner("large", {"STRLEN", "large"}).integer == 300'000);
}

TEST_CASE_FIXTURE(Stage,
                  "a key that is filled anew before it is deleted is saved with its own time") {
    redis.pipeline(3'000, [](std::size_t i) {
        return Words{"SET", fmt::format("k:{}", i), "old", "PX", "30"};
    });
    std::atomic<bool> stop = false;
    std::thread application([&] {
        RespClient client = server.client();
        while (!stop) {
            client.pipeline(3'000, [](std::size_t i) {
                return Words{"SET", fmt::format("k:{}", i), "new", "EX", "3600", "NX"};
            });
        }
    });
    run({"invalidate", "k:*", "--yes", "--backup", file});
    stop = true;
    application.join();
    redis.run({"FLUSHALL"});
    std::this_thread::sleep_for(50ms);
    const Json restored = summary({"restore", file});
    // What was saved before its end is gone by now; nothing that was new is.
    for (int i = 0; i < 3'000; ++i) {
        const std::string key = fmt::format("k:{}", i);
        if (redis.integer({"EXISTS", key}) == 1) {
            CHECK(redis.text({"GET", key}) == "new");
            CHECK(redis.integer({"PTTL", key}) > 3'000'000);
        }
    }
    CHECK(restored["complete"] == true);
}

TEST_CASE_FIXTURE(Stage, "a server that is full is emptied with a backup too") {
    redis.pipeline(5'000, [](std::size_t i) {
        return Words{"SET", fmt::format("k:{}", i), std::string(200, 'x')};
    });
    const std::string before = digest();
    redis.run({"CONFIG", "SET", "maxmemory", "1mb"});
    const Json summary = this->summary({"invalidate", "k:*", "--backup", file});
    CHECK(summary["deleted"] == 5'000);
    CHECK(size() == 0);
    redis.run({"CONFIG", "SET", "maxmemory", "0"});
    this->summary({"restore", file});
    CHECK(digest() == before);
}

TEST_CASE_FIXTURE(Stage,
                  "what does not fit under maxmemory is not restored, unless that is allowed") {
    redis.pipeline(20'000, [](std::size_t i) {
        return Words{"SET", fmt::format("k:{}", i), noise(100) + std::to_string(i)};
    });
    summary({"invalidate", "k:*", "--backup", file});
    redis.run({"SET", "app", "x"});
    redis.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    redis.run({"CONFIG", "SET", "maxmemory", "3mb"});
    const ProcessResult refused = run({"restore", file, "--yes", "--json"});
    CHECK(refused.exit_code == 8);
    CHECK(contains(refused.err, "guard-memory"));
    CHECK(size() == 1);
    // What is there already needs no room: a run that goes on is not refused for it.
    redis.run({"CONFIG", "SET", "maxmemory", "0"});
    this->summary({"restore", file});
    const std::int64_t used = redis.integer({"EVAL",
                                             "return tonumber(string.match(redis.call('INFO', "
                                             "'memory'), 'used_memory:(%d+)'))",
                                             "0"});
    redis.run({"CONFIG", "SET", "maxmemory", std::to_string(used + 1'000'000)});
    CHECK(this->summary({"restore", file})["exists"] == 20'000);
    redis.run({"CONFIG", "SET", "maxmemory", "0"});
    redis.run({"FLUSHALL"});
    redis.run({"SET", "app", "x"});
    redis.run({"CONFIG", "SET", "maxmemory", "3mb"});
    const Json summary = this->summary({"restore", file, "--allow-eviction"});
    CHECK(summary["evicted"].get<int>() > 0);
}
