// Replicas: read from on request, with their lag; never changed.
#include <doctest/doctest.h>

#include "support/observed_run.hpp"
#include "support/redis_sentinel.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    RedisServer master{{}, Listen::tcp_too};
    RedisServer replica{{"--replicaof", "127.0.0.1 " + std::to_string(master.port())},
                        Listen::tcp_too};

    Fixture() {
        RespClient redis = master.client();
        redis.run({"SET", "k", "v", "EX", "9000"});
        wait_until_linked(replica);
        redis.run({"WAIT", "1", "30000"});  // for the writes of this connection
    }
    [[nodiscard]] bool is_linked() const {
        return has(replica.client().text({"INFO", "replication"}), "master_link_status:up");
    }
    static bool was_walked(const RedisServer& server) {
        return has(server.client().text({"INFO", "commandstats"}), "cmdstat_scan");
    }
    [[nodiscard]] std::string name_of_replica() const {
        return "127.0.0.1:" + std::to_string(replica.port());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "--read-from replica finds one by its master, and says how far behind it is") {
    const auto run =
        run_cachectl({"keys", "-p", std::to_string(master.port()), "--read-from", "replica"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
    CHECK(run.err.starts_with("cachectl: reading from the replica " + name_of_replica() + ", "));
    CHECK(has(run.err, " bytes behind its master, which heard of it "));
    CHECK(was_walked(replica));
    CHECK_FALSE(was_walked(master));
}

TEST_CASE_FIXTURE(Fixture, "a replica that is named itself stays the one") {
    const auto run = run_cachectl({"keys", "-s", replica.socket_path(), "--read-from", "replica"});
    CHECK(run.out == "k\n");
    CHECK(has(run.err, "reading from the replica " + replica.socket_path() +
                           ", which heard of its master "));
}

TEST_CASE_FIXTURE(Fixture, "Sentinels know the replicas too") {
    const RedisSentinel sentinel("cache", master.port(), 1);
    const auto run = run_cachectl({"keys", "--read-from", "replica", "-u",
                                   "redis+sentinel://" + sentinel.endpoint() + "/cache"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
    CHECK(has(run.err, "reading from the replica " + name_of_replica()));
    CHECK(was_walked(replica));
    CHECK_FALSE(was_walked(master));
}

TEST_CASE("where there is no replica nothing is read") {
    RedisServer alone({}, Listen::tcp_too);
    const std::string name = "127.0.0.1:" + std::to_string(alone.port());
    const auto run =
        run_cachectl({"keys", "-p", std::to_string(alone.port()), "--read-from", "replica"});
    CHECK(run.exit_code == 3);
    CHECK(run.out.empty());
    CHECK(run.err == "cachectl: error: " + name +
                         " has no replica that is connected to it\n"
                         "cachectl: without --read-from replica, it is asked itself\n");
    const RedisSentinel sentinel("cache", alone.port(), 0);
    const auto by_sentinel =
        run_cachectl({"keys", "--read-from", "replica", "--connect-timeout", "1s", "--sentinel",
                      sentinel.endpoint(), "--master-name", "cache"});
    CHECK(by_sentinel.exit_code == 3);
    CHECK(has(by_sentinel.err, "the Sentinels know no replica of cache that is fit to be read"));
}

TEST_CASE_FIXTURE(Fixture, "a replica that has lost its master says how old its data are") {
    master.kill();
    for (int i = 0; i < 3'000 && is_linked(); ++i) {
        Process({"sleep", "0.01"}).wait();
    }
    const auto run =
        run_cachectl({"keys", "-p", std::to_string(replica.port()), "--read-from", "replica"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k\n");
    CHECK(has(run.err, "cachectl: warning: " + name_of_replica() +
                           " is a replica that has lost its master "));
    CHECK(has(run.err, " s ago: what it shows is that old\n"));
}

TEST_CASE_FIXTURE(Fixture, "changes name the master and change nothing") {
    const TempDir dir;
    const std::vector<std::vector<std::string>> changes = {
        {"invalidate", "k", "--yes"},
        {"flush", "k", "--yes"},
        {"flush", "--whole-db", "--yes"},
        {"expire", "k", "--set", "1s", "--yes"},
        {"warm", dir.file("rows.json", R"([{"id":1}])"), "--key", "new:{id}", "--ttl", "1h"},
    };
    for (std::vector<std::string> args : changes) {
        CAPTURE(args.front());
        args.insert(args.end(), {"-p", std::to_string(replica.port())});
        const auto run = run_cachectl(args);
        CHECK(run.exit_code == 4);
        CHECK(has(run.err, "its master is 127.0.0.1:" + std::to_string(master.port())));
        args.insert(args.end(), {"--read-from", "replica"});
        const auto asked = run_cachectl(args);
        CHECK(asked.exit_code == 2);
        CHECK(has(asked.err, "--read-from replica is for commands that only look"));
    }
    CHECK(master.client().list({"KEYS", "*"}) == std::vector<std::string>{"k"});
    CHECK(master.client().integer({"PTTL", "k"}) > 8'000'000);
}

TEST_CASE_FIXTURE(Fixture,
                  "a master that becomes a replica in mid-run takes no more, and says so") {
    constexpr std::int64_t k_keys = 20'000;
    RespClient redis = master.client();
    redis.pipeline(k_keys, [](std::size_t i) {
        return RespClient::Args{"SET", "gone:" + std::to_string(i), "v"};
    });
    redis.run({"WAIT", "1", "30000"});
    Process process(cachectl_argv({"invalidate", "gone:*", "--yes", "-p",
                                   std::to_string(master.port()), "--max-rate", "5000"}));
    while (redis.integer({"DBSIZE"}) > k_keys && process.running()) {
    }
    redis.run({"WAIT", "1", "30000"});
    replica.client().run({"REPLICAOF", "NO", "ONE"});
    redis.run({"REPLICAOF", "127.0.0.1", std::to_string(replica.port())});
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "cannot delete keys: READONLY"));
    CHECK(has(run.err, "this is a replica; changes go to its master"));
    CHECK(has(run.out, "refused by the server"));
    CHECK(replica.client().integer({"DBSIZE"}) > 1);
}
