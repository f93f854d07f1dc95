// --backup where something goes wrong, or others write meanwhile: what is gone is in the file.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/backup_stage.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

using Stage = BackupStage;

}  // namespace

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
    std::string begins(9, '\0');
    std::ifstream(file).read(begins.data(), 9);
    if (begins <= "REDIS0010") {  // what Debian's redis-check-rdb knows
        CHECK(run_program({"redis-check-rdb", file}).exit_code == 0);
    }
}

TEST_CASE_FIXTURE(Stage, "an expiry that was changed before a key is deleted is what is saved") {
    Words command;
    SUBCASE("small keys that are deleted") { command = {"invalidate", "k:*"}; }
    SUBCASE("small keys whose expiry is changed") { command = {"expire", "k:*", "--set", "5s"}; }
    constexpr int k_keys = 40;
    redis.pipeline(k_keys, [](std::size_t i) {
        return Words{"SET", fmt::format("k:{}", i), "value", "PX", "100000"};
    });
    command.insert(command.end(),
                   {"--yes", "--backup", file, "--max-rate", "40", "-s", server.socket_path()});
    Process process(cachectl_argv(command));
    process.pump(300ms);
    std::int64_t persisted = 0;
    for (int i = 0; i < k_keys; ++i) {
        const std::string key = fmt::format("k:{}", i);
        if (redis.integer({"PTTL", key}) > 10'000) {  // not changed yet
            persisted += redis.integer({"PERSIST", key});
        }
    }
    CHECK(persisted > 0);
    CHECK(process.wait().exit_code == 0);
    CHECK(summary({"restore", file, "--replace"})["restored"] == k_keys);
    std::int64_t for_ever = 0;
    for (int i = 0; i < k_keys; ++i) {
        for_ever += redis.integer({"PTTL", fmt::format("k:{}", i)}) == -1 ? 1 : 0;
    }
    CHECK(for_ever == persisted);
}

TEST_CASE_FIXTURE(Stage, "a large key's expiry that was changed meanwhile is what is saved") {
    const std::string value = noise(20'000'000);
    redis.run({"SET", "large", value, "PX", "100000"});
    Process process(cachectl_argv({"invalidate", "large", "--yes", "--pace", "gentle", "--backup",
                                   file, "-s", server.socket_path()}));
    while (process.running() &&
           (!std::filesystem::exists(file) || std::filesystem::file_size(file) < 1'000'000)) {
        process.pump(1ms);
    }
    CHECK(redis.integer({"PERSIST", "large"}) == 1);
    CHECK(process.wait().exit_code == 0);
    CHECK(size() == 0);
    CHECK(summary({"restore", file})["restored"] == 1);
    CHECK(redis.integer({"PTTL", "large"}) == -1);
    CHECK(redis.text({"GET", "large"}) == value);
}

TEST_CASE_FIXTURE(Stage, "one large key that the user may not write ends neither run") {
    const auto fill = [this] {
        for (const char* key : {"no:big", "ok:big", "ok:huge"}) {
            redis.run({"SET", key, noise(300'000)});
        }
        redis.run({"SET", "ok:small", "x"});
    };
    fill();
    redis.run({"ACL", "SETUSER", "deletes", "on", ">p", "+@all", "%R~*", "~ok:*"});
    redis.run({"ACL", "SETUSER", "restores", "on", ">p", "+@all", "~ok:*"});
    const Json deleted = summary({"invalidate", "*", "--all", "--backup", file, "-u",
                                  fmt::format("unix://deletes:p@{}", server.socket_path())},
                                 5);
    CHECK(deleted["deleted"] == 3);
    CHECK(deleted["failed"] == 1);
    CHECK(deleted["not_attempted"] == 0);
    CHECK(redis.list({"KEYS", "*"}) == Words{"no:big"});

    redis.run({"FLUSHALL"});
    fill();
    const std::string other = (dir.path() / "all.rdb").string();
    CHECK(summary({"invalidate", "*", "--all", "--backup", other})["deleted"] == 4);
    const Json restored = summary(
        {"restore", other, "-u", fmt::format("unix://restores:p@{}", server.socket_path())}, 5);
    CHECK(restored["restored"] == 3);
    CHECK(restored["failed"] == 1);
    CHECK(restored["not_attempted"] == 0);
    CHECK(restored["complete"] == false);
    CHECK(size() == 3);
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
    this->summary({"restore", file}, 5);  // the file lacks its end
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
        // Without its end nothing says that the file has all.
        CHECK(restored.exit_code == (contains(restored.err, "is not whole") ? 5 : 0));
        CHECK(digest() == before);
    }
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
