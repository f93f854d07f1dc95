// Failovers in the middle of the work: walks follow them, writes are accounted for.
#include <doctest/doctest.h>

#include <thread>

#include "support/observed_run.hpp"
#include "support/sentinel_group.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Fixture = SentinelGroupOfTwo;

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a walk goes on with the new master after a failover in the middle of it") {
    constexpr std::size_t k_keys = 100'000;
    fill(k_keys);
    Process process(cachectl_argv(by_sentinels(
        {"invalidate", "k:*", "--yes", "--retry-unknown", "--pace", "full"}, sentinel.endpoint())));
    RespClient redis = first.client();
    while (redis.integer({"DBSIZE"}) == k_keys && process.running()) {
    }
    first.kill();
    REQUIRE(process.running());
    CHECK(process.wait_for_err("is lost; asking the Sentinels of cache"));
    CHECK(sentinel.failover() == second.port());
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, "the master of cache is " + endpoint(second.port())));
    CHECK(second.client().integer({"DBSIZE"}) == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "what a lost master did not answer is unknown, and nothing more is sent") {
    constexpr std::size_t k_keys = 100'000;
    fill(k_keys);
    Process process(cachectl_argv(by_sentinels(
        {"invalidate", "k:*", "--yes", "--json", "--pace", "full"}, sentinel.endpoint())));
    RespClient redis = first.client();
    while (redis.integer({"DBSIZE"}) == k_keys && process.running()) {
    }
    first.freeze();  // what is sent now is never answered
    REQUIRE(process.running());
    std::this_thread::sleep_for(100ms);
    first.kill();
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 5);
    CHECK(has(run.out, "\"complete\": false"));
    CHECK(second.client().integer({"DBSIZE"}) > 0);
}

TEST_CASE_FIXTURE(Fixture, "a warm-up whose input pauses goes on with the new master") {
    ProcessOptions options;
    options.keep_stdin_open = true;
    Process process(cachectl_argv(by_sentinels({"warm", "-", "--key", "k:{id}", "--ttl", "1h"},
                                               sentinel.endpoint())),
                    options);
    process.write_stdin("{\"id\":1}\n{\"id\":2}\n");
    RespClient redis = first.client();
    for (int i = 0; i < 2'000 && redis.integer({"DBSIZE"}) < 2; ++i) {
        process.pump(10ms);
    }
    redis.run({"WAIT", "1", "30000"});
    first.kill();
    sentinel.failover();
    process.pump(700ms);  // longer than the pause after which the connection is looked at
    std::this_thread::sleep_for(600ms);
    process.write_stdin("{\"id\":3}\n");
    process.close_stdin();
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, "the master of cache is " + endpoint(second.port())));
    CHECK(second.client().integer({"DBSIZE"}) == 3);
}

TEST_CASE_FIXTURE(Fixture,
                  "a warm-up that loses its master in mid-write says so, and can be repeated") {
    std::string rows;
    for (int i = 0; i < 100'000; ++i) {
        rows += "{\"id\":" + std::to_string(i) + "}\n";
    }
    const TempDir dir;
    const auto args = by_sentinels(
        {"warm", dir.file("rows.ndjson", rows), "--key", "k:{id}", "--ttl", "1h", "--json"},
        sentinel.endpoint());
    Process process(cachectl_argv(args));
    RespClient redis = first.client();
    while (redis.integer({"DBSIZE"}) == 0 && process.running()) {
    }
    REQUIRE(process.running());
    first.kill();
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 5);
    CHECK(has(run.out, "\"complete\": false"));
    CHECK(sentinel.failover() == second.port());
    CHECK(run_cachectl(args).exit_code == 0);
    CHECK(second.client().integer({"DBSIZE"}) == 100'000);
    CHECK(second.client().integer({"PTTL", "k:7"}) > 0);
}

TEST_CASE("a master that has become a replica is left, and what it refused goes to the new one") {
    const auto page = resp::scan_page("0", {"k:1", "k:2"});
    FakeServer old_master(answer(polite_redis(
        {{"SCAN", page},
         {"UNLINK", resp::error("READONLY You can't write against a read only replica.")}})));
    FakeServer new_master(answer(polite_redis({{"SCAN", page}, {"UNLINK", resp::integer(2)}})));
    FakeServer sentinel({sentinel_that_says("cache", old_master.port(), 1),
                         sentinel_that_says("cache", new_master.port(), 2)});
    const auto run =
        run_cachectl(by_sentinels({"invalidate", "k:*", "--yes"}, endpoint(sentinel.port())));
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("deleted 2 of 2 keys on cache"));
    CHECK(has(run.err, "the master of cache is " + endpoint(new_master.port())));
    CHECK(new_master.count("UNLINK") == 1);
}
