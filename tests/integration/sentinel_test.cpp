// A master that Sentinels know: found by name, believed only if it says so itself, followed through
// failovers in the middle of the work.
#include <doctest/doctest.h>

#include <thread>

#include "support/observed_run.hpp"
#include "support/redis_sentinel.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string endpoint(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::vector<std::string> by_sentinels(std::vector<std::string> args, const std::string& sentinels) {
    args.insert(args.end(), {"--sentinel", sentinels, "--master-name", "cache"});
    return args;
}

/// A master, its replica and a Sentinel that watches both.
struct Fixture {
    explicit Fixture(const std::vector<std::string>& server_extra = {},
                     const std::vector<std::string>& config = {}, const std::string& password = {})
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
        first.client().pipeline(keys, [](std::size_t i) {
            return RespClient::Args{"SET", "k:" + std::to_string(i), "v"};
        });
        first.client().run({"WAIT", "1", "30000"});
    }

    RedisServer first, second;
    RedisSentinel sentinel;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the master is found by name, with flags and with a URL") {
    fill(3);
    const auto run = run_cachectl(by_sentinels({"keys", "--limit", "1"}, sentinel.endpoint()));
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("k:"));
    CHECK(run.err == "cachectl: the master of cache is " + endpoint(first.port()) + "\n");
    first.client().run({"SELECT", "2"});
    const std::string url = "redis+sentinel://" + sentinel.endpoint() + "/cache";
    const auto deleted = run_cachectl({"invalidate", "k:*", "--yes", "--quiet", "-u", url});
    CHECK(deleted.exit_code == 0);
    CHECK(deleted.err.empty());
    CHECK(deleted.out.starts_with("deleted 3 of 3 keys on cache in "));
    CHECK(run_cachectl({"keys", "--quiet", "-u", url + "/2"}).exit_code == 0);

    sentinel.failover();
    CHECK(run_cachectl({"keys", "-u", url}).err ==
          "cachectl: the master of cache is " + endpoint(second.port()) + "\n");
}

TEST_CASE_FIXTURE(Fixture, "Sentinels that are down do not matter as long as one answers") {
    fill(1);
    const std::string dead = endpoint(free_tcp_port());
    FakeServer mute(silent());
    const auto run = observe_cachectl(
        by_sentinels({"keys", "--quiet", "--connect-timeout", "2s"},
                     dead + "," + endpoint(mute.port()) + "," + sentinel.endpoint()));
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k:0\n");
    sentinel.kill();
    const auto none = observe_cachectl(
        by_sentinels({"keys", "--connect-timeout", "1s"},
                     dead + "," + endpoint(mute.port()) + "," + sentinel.endpoint()));
    CHECK(none.exit_code == 3);
    CHECK(none.out.empty());
    CHECK(has(none.err, "cannot find the master 'cache': no Sentinel answers: cannot connect to " +
                            dead + ": Connection refused; " + endpoint(mute.port()) +
                            ": no reply to SENTINEL in 0.5 s; cannot connect to " +
                            sentinel.endpoint() + ": Connection refused\n"));
    CHECK(none.took < 20s);
}

TEST_CASE_FIXTURE(Fixture,
                  "a name that the Sentinels do not know is a usage error with those they do") {
    const auto run =
        run_cachectl({"keys", "--sentinel", sentinel.endpoint(), "--master-name", "cahce"});
    CHECK(run.exit_code == 2);
    CHECK(run.err ==
          "cachectl: error: the Sentinels know no master 'cahce'\ncachectl: they know: cache\n");
    const auto server = run_cachectl(by_sentinels({"keys"}, endpoint(first.port())));
    CHECK(server.exit_code == 3);
    CHECK(has(server.err, "no Sentinel answers: " + endpoint(first.port()) + ": ERR unknown"));
    const auto direct = run_cachectl({"keys", "-p", std::to_string(sentinel.port())});
    CHECK(direct.exit_code == 2);
    CHECK(has(direct.err, " is a Sentinel\n"));
    CHECK(has(direct.err, "--sentinel HOST:PORT --master-name NAME asks it for the server"));
}

TEST_CASE("the Sentinels' password is apart from the server's") {
    const Fixture group({"--requirepass", "s3rver", "--masterauth", "s3rver"},
                        {"requirepass w4tch", "sentinel auth-pass cache s3rver"}, "s3rver");
    const std::string where = group.sentinel.endpoint();
    const auto args = by_sentinels({"keys", "-a", "s3rver", "--quiet"}, where);
    const auto none = run_cachectl(args);
    CHECK(none.exit_code == 3);
    CHECK(has(none.err, "NOAUTH"));
    CHECK(has(none.err, "--sentinel-password-file or CACHECTL_SENTINEL_PASSWORD"));
    ProcessOptions options;
    options.env["CACHECTL_SENTINEL_PASSWORD"] = "wr0ng";
    const auto wrong = run_cachectl(args, options);
    CHECK(wrong.exit_code == 3);
    CHECK(has(wrong.err, "WRONGPASS"));
    CHECK_FALSE(has(none.err + wrong.err, "s3rver"));
    CHECK_FALSE(has(wrong.err, "wr0ng"));
    options.env["CACHECTL_SENTINEL_PASSWORD"] = "w4tch";
    CHECK(run_cachectl(args, options).exit_code == 0);

    const TempDir dir;
    auto with_file = args;
    with_file.insert(with_file.end(), {"--sentinel-password-file", dir.file("pw", "w4tch\n")});
    std::filesystem::permissions(dir.path() / "pw", std::filesystem::perms(0600));
    CHECK(run_cachectl(with_file).exit_code == 0);
    const std::string config =
        dir.file("config.json", "{\"contexts\": {\"c\": {\"url\": \"redis+sentinel://:s3rver@" +
                                    where + "/cache\", \"sentinel_password\": \"w4tch\"}}}");
    std::filesystem::permissions(config, std::filesystem::perms(0600));
    const auto context = run_cachectl({"keys", "--quiet", "--config", config, "--context", "c"});
    CHECK(context.exit_code == 0);
    CHECK(context.err.empty());
}

TEST_CASE_FIXTURE(Fixture, "who is named as the master has to say so itself") {
    fill(2);
    FakeServer stale(sentinel_that_says("cache", second.port()));
    const auto alone = observe_cachectl(by_sentinels(
        {"invalidate", "k:*", "--yes", "--connect-timeout", "1s"}, endpoint(stale.port())));
    CHECK(alone.exit_code == 3);
    CHECK(has(alone.err, endpoint(second.port()) + " is given as the master of cache, but says "
                                                   "that it is a replica\n"));
    CHECK(first.client().integer({"DBSIZE"}) == 2);
    CHECK(stale.connections() > 1);  // it was asked again, for a failover may have been under way
    const auto both =
        run_cachectl(by_sentinels({"invalidate", "k:*", "--yes", "--quiet"},
                                  endpoint(stale.port()) + "," + sentinel.endpoint()));
    CHECK(both.exit_code == 0);
    CHECK(both.out.starts_with("deleted 2 of 2 keys"));
}

TEST_CASE("of two that call themselves master the one of the latest failover counts") {
    RedisServer old_master({}, Listen::tcp_too);
    RedisServer new_master({}, Listen::tcp_too);
    new_master.client().run({"SET", "new", "v"});
    FakeServer stale_1(sentinel_that_says("cache", old_master.port(), 3));
    FakeServer stale_2(sentinel_that_says("cache", old_master.port(), 3));
    FakeServer fresh(sentinel_that_says("cache", new_master.port(), 4));
    const std::string all =
        endpoint(stale_1.port()) + "," + endpoint(stale_2.port()) + "," + endpoint(fresh.port());
    CHECK(run_cachectl(by_sentinels({"keys", "--quiet"}, all)).out == "new\n");
    FakeServer same_epoch(sentinel_that_says("cache", new_master.port(), 3));
    const std::string voices = endpoint(same_epoch.port()) + "," + endpoint(stale_1.port()) + "," +
                               endpoint(stale_2.port());
    CHECK(run_cachectl(by_sentinels({"keys", "--quiet"}, voices)).out.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a walk goes on with the new master after a failover in the middle of it") {
    constexpr std::size_t k_keys = 300'000;
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
    constexpr std::size_t k_keys = 300'000;
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
    for (int i = 0; i < 2'000 && redis.integer({"DBSIZE"}) < 2; ++i) process.pump(10ms);
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
    for (int i = 0; i < 200'000; ++i) rows += "{\"id\":" + std::to_string(i) + "}\n";
    const TempDir dir;
    const auto args = by_sentinels(
        {"warm", dir.file("rows.ndjson", rows), "--key", "k:{id}", "--ttl", "1h", "--json"},
        sentinel.endpoint());
    Process process(cachectl_argv(args));
    RespClient redis = first.client();
    while (redis.integer({"DBSIZE"}) == 0 && process.running()) {
    }
    first.kill();
    REQUIRE(process.running());
    const ProcessResult run = process.wait();
    CHECK(run.exit_code == 5);
    CHECK(has(run.out, "\"complete\": false"));
    CHECK(sentinel.failover() == second.port());
    CHECK(run_cachectl(args).exit_code == 0);
    CHECK(second.client().integer({"DBSIZE"}) == 200'000);
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
