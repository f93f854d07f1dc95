// --spread with a real server: keys go one after the other, and none lives longer for it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

struct Stage {
    Stage() {
        redis.pipeline(2'000, [](std::size_t i) {
            return Words{"SET", fmt::format("course:{}", i), "v"};
        });
        redis.run({"SET", "course:soon", "v", "PX", "5"});
        redis.run({"SET", "course:timed", "v", "PX", "100"});
        redis.run({"PEXPIRE", "course:timed", "1000"});
        redis.run({"SET", "sess:1", "v"});
    }
    ProcessResult run(Words words) {
        words.insert(words.end(), {"--yes", "-s", server.socket_path()});
        return run_cachectl(words);
    }
    /// Of all keys that expire; CHECKs that none does so later than that.
    void check_times(std::int64_t longest) {
        std::int64_t least = longest, most = 0;
        for (int i = 0; i < 2'000; ++i) {
            const std::int64_t ttl = redis.integer({"PTTL", fmt::format("course:{}", i)});
            REQUIRE(ttl != -1);
            least = std::min(least, ttl);
            most = std::max(most, ttl);
        }
        CHECK(most <= longest);
        CHECK(most > longest / 10 * 9);
        CHECK(least < longest / 10);
    }

    RedisServer server;
    RespClient redis = server.client();
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "keys get a time within the span, and none lives longer than before") {
    const ProcessResult result = run({"invalidate", "course:*", "--spread", "1h", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["mode"] == "spread");
    CHECK(summary["ttl_ms"] == 3'600'000);
    CHECK(summary["changed"] >= 2'000);
    CHECK(summary["misses_per_s"].get<double>() == doctest::Approx(2'000 / 3'600.0).epsilon(0.01));
    check_times(3'600'000);
    CHECK(redis.integer({"PTTL", "course:timed"}) <= 1'000);
    // Those that will be gone by then are left, so that the same again changes nothing. One that
    // had 5 ms may have gone while it was looked at.
    CHECK(summary["vanished"].get<int>() <= 1);
    CHECK(summary["unchanged"].get<int>() + summary["changed"].get<int>() +
              summary["vanished"].get<int>() ==
          summary["matched"].get<int>());
    const Json again = Json::parse(run({"invalidate", "course:*", "--spread", "1h", "--json"}).out);
    CHECK(again["changed"] == 0);
    CHECK(again["misses_per_s"].get<double>() > 0.5);
    CHECK(redis.integer({"PTTL", "sess:1"}) == -1);
    // A second run shortens, too.
    CHECK(run({"flush", "course", "--spread", "10m"}).exit_code == 0);
    check_times(600'000);
}

TEST_CASE_FIXTURE(Stage, "a database is walked to be spread, and all databases are not") {
    CHECK(run({"flush", "--whole-db", "--spread", "1h", "--protect", "sess:*"}).exit_code == 0);
    check_times(3'600'000);
    CHECK(redis.integer({"PTTL", "sess:1"}) == -1);
    CHECK(run({"flush", "--all-dbs", "--spread", "1h"}).exit_code == 2);
    CHECK(run({"invalidate", "x", "--spread", "0s"}).exit_code == 2);
}

TEST_CASE_FIXTURE(Stage, "a server that would evict these keys first is not given any") {
    redis.run({"CONFIG", "SET", "maxmemory-policy", "volatile-ttl"});
    const std::int64_t used = redis.integer({"MEMORY", "USAGE", "course:1"});
    REQUIRE(used > 0);
    CHECK(run({"invalidate", "course:1?", "--spread", "1h"}).exit_code == 0);
    redis.run({"CONFIG", "SET", "maxmemory", "1mb"});
    const ProcessResult refused = run({"invalidate", "course:*", "--spread", "1h", "--json"});
    CHECK(refused.exit_code == 8);
    CHECK(refused.err.find("guard-volatile-ttl") != std::string::npos);
    CHECK(redis.integer({"PTTL", "course:100"}) == -1);
}
