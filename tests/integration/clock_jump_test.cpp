// The clock that tells dates is set while a command runs (tests/faults/jumping_clock.cpp): a day
// ahead, or a day back. What is waited for, what a key has left and what is counted stay right.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

constexpr std::int64_t k_hour_ms = 3'600'000;
constexpr std::size_t k_keys = 300;

struct ClockStage {
    Process begin(Words words, bool keep_stdin_open = false) {
        jump("0");
        words.insert(words.end(), {"-s", server.socket_path()});
        return Process(cachectl_argv(words),
                       {.keep_stdin_open = keep_stdin_open,
                        .env = {{"LD_PRELOAD", CACHECTL_JUMPING_CLOCK},
                                {"JUMPING_CLOCK_FILE", (dir.path() / "ahead").string()}}});
    }
    void jump(const std::string& seconds) { (void)dir.file("ahead", seconds); }

    void fill() {
        redis.run({"FLUSHALL"});
        redis.pipeline(k_keys, [](std::size_t i) -> RespClient::Args {
            return {"SET", "course:" + std::to_string(i), "v", "PX", std::to_string(k_hour_ms)};
        });
    }
    /// Sets the clock once the command has changed some of the keys, but not all.
    ProcessResult jump_under(Process& process, const std::string& seconds) {
        const std::int64_t first = keys();
        while (process.running() && std::abs(keys() - first) < 20) {
            process.pump(10ms);
        }
        REQUIRE(process.running());
        jump(seconds);
        return process.wait();
    }
    std::int64_t keys() { return redis.integer({"DBSIZE"}); }
    /// Of the key that has the least, and of that which has the most.
    std::pair<std::int64_t, std::int64_t> time_left() {
        std::int64_t least = INT64_MAX, most = INT64_MIN;
        for (const std::string& key : redis.list({"KEYS", "*"})) {
            const std::int64_t left = redis.integer({"PTTL", key});
            least = std::min(least, left);
            most = std::max(most, left);
        }
        return {least, most};
    }

    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;
};

const Words k_jumps = {"86400", "-86400"};

}  // namespace

TEST_CASE_FIXTURE(ClockStage, "the clock jumps under a restoration: nothing is taken for expired") {
    const std::string backup = (dir.path() / "a.rdb").string();
    fill();
    REQUIRE(run_cachectl(
                {"invalidate", "course:*", "--yes", "--backup", backup, "-s", server.socket_path()})
                .exit_code == 0);
    for (const std::string& seconds : k_jumps) {
        CAPTURE(seconds);
        redis.run({"FLUSHALL"});
        Process process = begin({"restore", backup, "--yes", "--json", "--max-rate", "300"});
        const ProcessResult result = jump_under(process, seconds);
        CHECK(result.exit_code == 0);
        const json summary = json::parse(result.out);
        CHECK(summary["restored"] == k_keys);
        CHECK(summary["expired_since"] == 0);
        const auto [least, most] = time_left();
        CHECK(least > k_hour_ms - 300'000);
        CHECK(most <= k_hour_ms);
    }
}

TEST_CASE_FIXTURE(ClockStage, "the clock jumps under a deletion with a backup: both are whole") {
    for (const std::string& seconds : k_jumps) {
        CAPTURE(seconds);
        fill();
        const std::string backup = (dir.path() / ("jump" + seconds + ".rdb")).string();
        Process process =
            begin({"invalidate", "course:*", "--yes", "--json", "--backup", backup, "--audit-log",
                   (dir.path() / "audit.jsonl").string(), "--max-rate", "300"});
        const ProcessResult result = jump_under(process, seconds);
        CHECK(result.exit_code == 0);
        const json summary = json::parse(result.out);
        CHECK(summary["deleted"] == k_keys);
        CHECK(summary["elapsed_ms"] < 60'000);
        const auto listed = run_cachectl({"restore", backup, "--list", "--json"});
        const json keys = json::parse(listed.out);
        CHECK(keys.size() == k_keys);
        for (const json& key : keys) {
            CHECK(key["ttl_ms"] > k_hour_ms - 300'000);
            CHECK(key["ttl_ms"] <= k_hour_ms);
        }
    }
    const auto verified =
        run_cachectl({"audit-log", "verify", (dir.path() / "audit.jsonl").string()});
    CHECK(verified.exit_code == 0);
}

TEST_CASE_FIXTURE(ClockStage, "the clock jumps under a load: keys live as long as was said") {
    for (const std::string& seconds : k_jumps) {
        CAPTURE(seconds);
        redis.run({"FLUSHALL"});
        std::ostringstream rows;
        for (std::size_t i = 0; i < k_keys; ++i) {
            rows << R"({"id": )" << i << "}\n";
        }
        Process process = begin({"warm", "-", "--format", "ndjson", "--key", "course:{id}", "--ttl",
                                 "1h", "--json", "--max-rate", "300"},
                                true);
        process.write_stdin(rows.str());
        process.close_stdin();
        const ProcessResult result = jump_under(process, seconds);
        CHECK(result.exit_code == 0);
        CHECK(json::parse(result.out)["written"] == k_keys);
        const auto [least, most] = time_left();
        CHECK(least > k_hour_ms - 300'000);
        CHECK(most <= k_hour_ms);
    }
}

TEST_CASE_FIXTURE(ClockStage, "the clock jumps while a condition is waited for: as long as asked") {
    for (const std::string& seconds : k_jumps) {
        CAPTURE(seconds);
        const auto start = std::chrono::steady_clock::now();
        Process process = begin({"wait", "--keys", "absent", "--within", "3s"});
        while (process.running() && std::chrono::steady_clock::now() - start < 1s) {
            process.pump(50ms);
        }
        REQUIRE(process.running());
        jump(seconds);
        CHECK(process.wait().exit_code == 1);
        CHECK(std::chrono::steady_clock::now() - start >= 3s);
        CHECK(std::chrono::steady_clock::now() - start < 60s);
    }
}

TEST_CASE_FIXTURE(ClockStage,
                  "the clock jumps while figures are watched: rates stay what they are") {
    Process process = begin({"stats", "--watch", "200ms", "-o", "ndjson"});
    for (const std::string seconds : {"86400", "-86400", "0"}) {
        const std::size_t before = process.out().size();
        jump(seconds);
        while (process.running() && process.out().size() < before + 2'000) {
            redis.run({"PING"});
            process.pump(20ms);
        }
    }
    process.send_signal(SIGINT);
    const ProcessResult result = process.wait();
    std::istringstream lines(result.out);
    std::size_t readings = 0;
    for (std::string line; std::getline(lines, line);) {
        const json reading = json::parse(line);
        ++readings;
        const json& rates = reading["rates"];
        CHECK(rates["commands_per_s"] >= 0);
        CHECK(rates["commands_per_s"] < 100'000);
        if (readings > 1) {
            CHECK(rates["interval_ms"] >= 150);
            CHECK(rates["interval_ms"] < 60'000);
        }
    }
    CHECK(readings > 3);
}
